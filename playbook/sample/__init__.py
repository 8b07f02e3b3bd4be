"""Generated exports of a retailer, with the planted truth beside them: `generate(folder)`."""

from playbook.sample.retailer import Sample, generate

__all__ = ["Sample", "generate"]
