"""One spelling for what is written in many ways: names, phones, e-mails, companies, places, addresses."""

from playbook.integration.linkage.normalise.companies import Company, company
from playbook.integration.linkage.normalise.emails import Email, email
from playbook.integration.linkage.normalise.names import LETTERS, PART, SIGNS, Name, name
from playbook.integration.linkage.normalise.phones import phone
from playbook.integration.types.places import Address, address, place

__all__ = [
    "LETTERS", "PART", "SIGNS", "Address", "Company", "Email", "Name", "address", "company", "email", "name", "phone",
    "place",
]  # fmt: skip
