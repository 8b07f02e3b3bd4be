"""One spelling for what is written in many ways: names, phones, companies, credit codes, places."""

from playbook.integration.normalise.companies import companies, company
from playbook.integration.normalise.emails import email, emails
from playbook.integration.normalise.names import LETTERS, PART, SIGNS, name, names
from playbook.integration.normalise.phones import phone, phones
from playbook.integration.normalise.places import address, addresses, place, places, postcode, province

__all__ = [
    "LETTERS", "PART", "SIGNS", "address", "addresses", "companies", "company", "email", "emails", "name",
    "names", "phone", "phones",
    "place", "places", "postcode", "province",
]  # fmt: skip
