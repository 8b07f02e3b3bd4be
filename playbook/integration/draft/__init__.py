"""A first sources.yml for a folder of files: `init` drafts it with its evidence, `check` says how good its data is."""

from playbook.integration.draft.checking import Checked, check
from playbook.integration.draft.drafting import drafted
from playbook.integration.draft.init import Written, init
from playbook.integration.draft.write import Draft, text

__all__ = ["Checked", "Draft", "Written", "check", "drafted", "init", "text"]
