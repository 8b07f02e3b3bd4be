"""A first sources.yml for a folder of files: `init` drafts it with its evidence, `check` says how good its data is."""

from playbook.onboarding.checking import Checked, check
from playbook.onboarding.draft import Draft, text
from playbook.onboarding.drafting import Written, drafted, init

__all__ = ["Checked", "Draft", "Written", "check", "drafted", "init", "text"]
