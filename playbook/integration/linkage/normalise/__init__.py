"""One spelling for what is written in many ways: names, phones, companies, credit codes, places."""

from playbook.integration.linkage.normalise.companies import companies, company
from playbook.integration.linkage.normalise.emails import email, emails
from playbook.integration.linkage.normalise.names import LETTERS, PART, SIGNS, name, names
from playbook.integration.linkage.normalise.phones import phone, phones
from playbook.integration.types.places import address, addresses, place, places, postcode, province

__all__ = [
    "LETTERS", "PART", "SIGNS", "address", "addresses", "companies", "company", "email", "emails", "name",
    "names", "phone", "phones",
    "place", "places", "postcode", "province",
]  # fmt: skip
