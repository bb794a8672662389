"""All samples; each has a name of its own."""

from __future__ import annotations

from tests.bad_input import characters, content, copies, hostile, parts, texts
from tests.bad_input.samples import Sample

SAMPLES: tuple[Sample, ...] = tuple(
    sample for module in (characters, parts, copies, content, hostile, texts) for sample in module.SAMPLES
)
assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
