"""On which terms a published result may be objected to (B7). The source grants the appeal and sets no days: `proposed`."""

from pydantic import Field

from services.schemes.parts import Part


class AppealTerms(Part):
    """What the measures leave open about appeals."""

    #: Calendar days after the day of publication in which one may appeal.
    days: int = Field(default=30, ge=1, le=365)
    #: Calendar days after the appeal in which it is to be decided.
    answer_days: int = Field(default=15, ge=1, le=180)
