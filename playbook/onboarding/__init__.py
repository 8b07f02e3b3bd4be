"""A first sources.yml for a folder of files: `init` drafts it with its evidence, `check` says how good its data is."""

from playbook.onboarding.checking import Checked, check
from playbook.onboarding.drafting import drafted
from playbook.onboarding.init import Written, init
from playbook.onboarding.write import Draft, text

__all__ = ["Checked", "Draft", "Written", "check", "drafted", "init", "text"]
