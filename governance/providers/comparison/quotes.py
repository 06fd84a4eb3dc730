"""Live quotes of the providers' own systems, asked at the same time under one deadline."""

from collections.abc import Mapping
from dataclasses import asdict

from governance.providers.comparison.query import Asked
from governance.providers.comparison.schemas import QuoteOut
from governance.providers.connectors.answers import Quote
from governance.providers.connectors.comparison import ask_each
from governance.providers.connectors.opened import Opened
from governance.providers.connectors.protocol import QUOTE, Answer, error
from governance.providers.connectors.questions import QuoteQuestion
from governance.providers.connectors.resilience import Guarded
from governance.providers.connectors.schemas import ConnectorMessage
from governance.providers.schemas import Rate

_NO_START = error(
    "no-origin",
    "It was not asked: no lane of it fits, so nothing says where the parcel starts. Give "
    "`from_country`.",
)


def quotes(
    connectors: Mapping[str, Opened],
    asked: Asked,
    origins: Mapping[str, str | None],
    deadline: float,
) -> dict[str, QuoteOut]:
    """The quotes of those of these providers that have a connector, whatever becomes of each.

    `origins` are the countries where each one's parcel starts; the deadline is in seconds.
    """
    answers: dict[str, Answer[Quote]] = {}
    questions: dict[str, tuple[Guarded, QuoteQuestion]] = {}
    for provider, origin in origins.items():
        connector = connectors.get(provider)
        if connector is None:
            continue
        if connector.guarded is None:
            answers[provider] = None, connector.messages
        elif origin is None:
            answers[provider] = None, (_NO_START,)
        else:
            questions[provider] = connector.guarded, _question(asked, origin)
    answers |= ask_each(questions, QUOTE, deadline)
    return {provider: _out(answer, origins[provider]) for provider, answer in answers.items()}


def _question(asked: Asked, from_country: str) -> QuoteQuestion:
    return QuoteQuestion(
        service=asked.service,
        from_country=from_country,
        to_market=asked.market,
        weight_grams=asked.weight_grams,
        goods=asked.lane.refusable,
    )


def _out(answer: Answer[Quote], from_country: str | None) -> QuoteOut:
    quote, messages = answer
    rates = None
    if quote is not None:
        rates = [
            Rate.model_validate(
                {
                    "lane": rate.lane,
                    "cost": asdict(rate.price),
                    "lead_days": asdict(rate.lead_days),
                    "modes": list(rate.modes),
                }
            )
            for rate in quote.rates
        ]
    said = [ConnectorMessage.model_validate(one, from_attributes=True) for one in messages]
    return QuoteOut(from_country=from_country, rates=rates, messages=said)
