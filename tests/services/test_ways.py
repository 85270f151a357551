"""Who reviews is asked only where there is a choice (D2)."""

import pytest

from services.enrolments.beginning import BeginningService
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError
from services.organisations import OrganisationTree
from services.unit_of_work import Tools
from tests import factories, trees


def asked(draft: Draft) -> bool:
    return "channel" in {step.key for step in draft.steps}


async def test_the_way_of_review_is_asked_only_where_the_institution_s_place_leaves_a_choice_d2(
    tools: Tools,
) -> None:
    ids = await trees.sichuan(tools)
    async with tools.unit_of_work() as work:
        far = await OrganisationTree(work).add(
            trees.SYSTEM, name="省直某某学校", kind=trees.K.INSTITUTION, parent_id=ids[trees.PROVINCE]
        )
        follower = await factories.follower(work, account="sichuan")
        actor, scheme = factories.applicant_actor(follower), work.tools.schemes.current("sichuan-examiner")
        service = BeginningService(work)
        local = await service.begin(follower.id, scheme, actor=actor, organisation_id=ids[trees.LOCAL])
        assert (asked(local), local.answers["channel"]) == (False, "local")
        with pytest.raises(ConflictError, match=r"enrolment\.field_closed"):
            await EnrolmentService(work).answer(local.id, "channel", "2", follower_id=follower.id)
        direct = await service.go_through(local.id, far.id, follower_id=follower.id)
        assert (asked(direct), direct.answers["channel"]) == (False, "provincial")
        either = await service.go_through(local.id, ids[trees.PROVINCIAL], follower_id=follower.id)
        assert (asked(either), "channel" in either.answers) == (True, False)
        chosen = await EnrolmentService(work).answer(local.id, "channel", "1", follower_id=follower.id)
        assert chosen.answers["channel"] == "local"
