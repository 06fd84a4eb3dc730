"""A release made ready to judge: its library read, its policies handed to the policy engine."""

from dataclasses import dataclass

from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.releases.content import ReleaseContent
from governance.rules.library import load_library
from governance.rules.model import Library
from governance.settings import Settings


@dataclass(frozen=True)
class LoadedRelease:
    """The rules and the policies of one release, named by its digest."""

    digest: str
    library: Library
    policies: PolicyEngine


def load_release(content: ReleaseContent, settings: Settings) -> LoadedRelease:
    """Read the rulesets and open the policies of a release.

    Raises:
        LibraryInvalid: the rulesets break the language's rules.
        EngineUnavailable: the policy engine cannot take the policies.
    """
    rulesets = _below("rulesets/", content)
    policies = _below("policies/", content)
    return LoadedRelease(
        content.digest,
        load_library(rulesets),
        open_policy_engine(policies, content.digest, settings),
    )


def _below(folder: str, content: ReleaseContent) -> dict[str, str]:
    return {
        path.removeprefix(folder): text
        for path, text in content.files.items()
        if path.startswith(folder)
    }
