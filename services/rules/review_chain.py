"""Which stages review an enrolment: those of the scheme's chain whose condition holds (D2, D7)."""

from collections.abc import Mapping

from services.schemes.models import ReviewStage, Scheme


def stages(scheme: Scheme, answers: Mapping[str, str]) -> tuple[ReviewStage, ...]:
    """The chain for these answers, in its order; never empty."""
    known = dict(answers)
    return tuple(stage for stage in scheme.review if stage.when is None or stage.when.holds(known))
