"""`docs/schemes.md` is enough to write a scheme: its steps make a file that works, its reference has every key."""

import re
from pathlib import Path

from services.schemes import between, reference
from services.schemes.loader import BUILT_IN, load_catalogue, load_file
from services.schemes.starting import begun

DOCUMENT = Path(__file__).parents[3] / "docs" / "schemes.md"


def test_the_reference_of_scheme_files_is_of_these_models_and_explains_every_key() -> None:
    kept = DOCUMENT.read_text(encoding="utf-8")
    assert kept[kept.index(reference.MARKER) :] == reference.written(load_catalogue()), (
        "run `zhengtu schemes reference --into docs/schemes.md`"
    )
    silent = [
        f"{part.__name__}.{key}"
        for part in reference.parts()
        for key in part.model_fields
        if not reference.meaning(part, key)
    ]
    assert silent == []


def test_the_steps_of_the_document_one_under_the_other_are_a_scheme_that_passes(tmp_path: Path) -> None:
    steps = re.findall(r"^```toml\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.S | re.M)
    path = tmp_path / "first_aider.toml"
    path.write_text("\n".join(steps), encoding="utf-8")
    (loaded,) = between.check([path], between.scheme_files(BUILT_IN), ("main",))
    assert (loaded.scheme.id, len(loaded.scheme.routes)) == ("first-aider", 2)


def test_a_new_file_is_right_as_it_is_and_has_its_own_number(tmp_path: Path) -> None:
    paths = []
    for scheme_id in ("first-aider", "2nd-responder"):
        paths.append(tmp_path / f"{scheme_id}.toml")
        paths[-1].write_text(begun(scheme_id), encoding="utf-8")
    first, second = between.check(paths, between.scheme_files(BUILT_IN), ("main",))
    assert (first.scheme.id, second.scheme.id) == ("first-aider", "2nd-responder")
    assert load_file(paths[0])[0].scheme.proposed
