"""From the definition as downloaded to the one the generator gets."""

from pathlib import Path
from typing import Any

import yaml

from scripts.specs import answers, lint, overlay, uplift
from scripts.specs.references import broken_references
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

GENERATOR_CONFIG = ROOT / "spec" / "generator.yaml"


def corrected(document: dict[str, Any], overlays: list[Path], config: Path = GENERATOR_CONFIG) -> dict[str, Any]:
    """Apply the overlays, say null one way, open the answers, and hold the result against the linter.

    Raises:
        ToolError: An overlay fails, or the result would trip the generator. Says which file and which pointer.
    """
    overlaid = overlay.apply(document, overlays)
    _stop_at(broken_references(overlaid))
    result = answers.opened(uplift.to_3_1(overlaid))
    _stop_at(lint.problems(result, _binary_media(config)))
    return result


def _stop_at(problems: list[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ToolError(f"the corrected definition: {problems[0]}{more}; correct it with an overlay in spec/overlays")


def _binary_media(config: Path) -> frozenset[str]:
    try:
        overrides = (yaml.safe_load(read_bytes(config, "the generator's configuration")) or {})[
            "content_type_overrides"
        ]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ToolError(f"{shown(config)}: not readable as the generator's configuration: {error}") from error
    return frozenset(media for media, known in overrides.items() if known == "application/octet-stream")
