"""What a product is to a carrier and a warehouse: the words and the class that they may refuse."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from governance.providers.lanes import REFUSE_A_CLASS, words_of
from governance.providers.models import Lane, Node
from governance.rules.vocabulary import Vocabulary


@dataclass(frozen=True)
class Goods:
    """`words` are what a lane may refuse by; `un_class` is None where they are not dangerous."""

    words: frozenset[str]
    un_class: str | None

    def refused_by_lane(self, lane: Lane) -> bool:
        """Whether the lane does not take them."""
        return not self.words.isdisjoint(lane.refuses)

    def refused_by_node(self, node: Node) -> bool:
        """Whether the node may not hold them."""
        return self.un_class is not None and self.un_class not in node.dangerous_goods


def goods(vocabulary: Vocabulary, categories: Sequence[str], un_class: str | None) -> Goods:
    """What goods of these categories (declared and derived) and of this UN class are refused by."""
    words = {word for category in categories for word in words_of(vocabulary, category)}
    if un_class in REFUSE_A_CLASS:
        words.add(REFUSE_A_CLASS[un_class])
    return Goods(frozenset(words), un_class)


def refused_lanes(of: Goods, lanes: Collection[Lane]) -> frozenset[tuple[str, str]]:
    """(provider, lane) of the lanes that do not take them."""
    return frozenset((lane.provider_id, lane.id) for lane in lanes if of.refused_by_lane(lane))


def refused_nodes(of: Goods, nodes: Collection[Node]) -> frozenset[str]:
    """ "provider/node" of the nodes that may not hold them."""
    return frozenset(f"{node.provider_id}/{node.id}" for node in nodes if of.refused_by_node(node))
