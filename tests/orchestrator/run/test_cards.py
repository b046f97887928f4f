"""A share of a card that torch cannot use is refused, or given back and said. No Ray and no card is here."""

import re

import pytest
import torch

from orchestrator.run.cards import nodes_without_cuda, usable_cards
from orchestrator.run.cluster import Node
from orchestrator.spec import Resources
from trainables.errors import MachineError

SEEN, UNSEEN, NONE = Node("a", 4, 1), Node("b", 8, 2), Node("c", 2, 0)


@pytest.mark.parametrize(("cuda", "blind"), [(True, []), (False, [SEEN, UNSEEN])])
def test_on_this_machine_torch_itself_is_asked(
    cuda: bool, blind: list[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert nodes_without_cuda([SEEN, NONE, UNSEEN], local=True) == blind


def test_a_cluster_without_cards_is_not_asked() -> None:
    assert nodes_without_cuda([NONE], local=False) == []  # and no Ray is needed


def test_auto_takes_the_cards_that_torch_sees_and_says_where_it_sees_none() -> None:
    nodes, said = usable_cards(Resources(gpus="auto"), [SEEN, UNSEEN, NONE], [UNSEEN])
    assert nodes == (SEEN, Node("b", 8, 0), NONE)
    assert said.startswith("on b torch sees no card, though Ray counts some: trials there train on the processor; ")


def test_a_share_that_was_asked_for_by_a_number_is_refused_with_the_remedy() -> None:
    message = "resources.gpus is 0.5, but on b torch sees no card, though Ray counts some; install a build of torch"
    with pytest.raises(MachineError, match=re.escape(message)):
        usable_cards(Resources(gpus=0.5), [SEEN, UNSEEN, NONE], [UNSEEN])


@pytest.mark.parametrize(("gpus", "without_cuda"), [(0, [UNSEEN]), ("auto", []), (1, [])])
def test_where_no_card_is_asked_for_or_all_are_seen_nothing_is_said(
    gpus: float | str, without_cuda: list[Node]
) -> None:
    wanted = Resources.model_validate({"gpus": gpus})
    assert usable_cards(wanted, [SEEN, UNSEEN], without_cuda) == ((SEEN, UNSEEN), "")
