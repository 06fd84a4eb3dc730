# METADATA
# title: The sale gate in OPA alone
# description: |
#   The rules are data, indexed by category and market: only what the category has is touched.
#   Each distinct comparison of a category is made once for all rules and markets that make it,
#   and says which conjunctions it breaks; rules without a condition lie ready as findings.
package benchmark

category := data.library[input.category]

# Conjunctions with a comparison that fails.
broken contains conjunction if {
	some attribute, comparisons in category.comparisons
	fact := input.facts[attribute]
	some comparison in comparisons
	not holds(comparison.operator, fact, comparison.values)
	some conjunction in comparison.conjunctions
}

# Conjunctions that wait for a fact.
open contains conjunction if {
	some attribute, conjunctions in category.waiting
	not attribute in declared
	some conjunction in conjunctions
}

declared := object.keys(input.facts)

holds("gt", fact, values) if fact > values[0]

holds("gte", fact, values) if fact >= values[0]

holds("lt", fact, values) if fact < values[0]

holds("lte", fact, values) if fact <= values[0]

holds("in", fact, values) if fact in values

holds("not_in", fact, values) if not fact in values

holds("contains", fact, values) if values[0] in fact

holds("lacks", fact, values) if not values[0] in fact

held contains evidence.type if {
	some evidence in input.evidence
	evidence.valid_from <= input.as_of
	not_ended(evidence.valid_to)
}

not_ended(day) if day == null

not_ended(day) if day >= input.as_of

fired := {rule.id: rule |
	some conjunction, rules in category.rules
	not conjunction in broken
	not conjunction in open
	some rule in rules
}

waiting := {rule.id: rule.market |
	some conjunction in open
	not conjunction in broken
	some rule in category.rules[conjunction]
	not fired[rule.id]
}

fired_in[market] contains rule if {
	some rule in fired
	market := rule.market
}

waiting_in[market] contains id if some id, market in waiting

# METADATA
# title: Verdict and findings of every market
# entrypoint: true
markets := {market: found |
	some market in input.markets
	cell := category.markets[market]
	fires := object.get(fired_in, market, set())
	waits := object.get(waiting_in, market, set())
	effects := {rule.effect | some rule in fires}
	papers := {paper | some rule in fires; some paper in rule.evidence}
	found := {
		"verdict": judged(cell, effects, waits, papers),
		"always": cell.always,
		"fires": [rule.id | some rule in fires],
		"waits": waits,
	}
}

judged(cell, effects, waits, papers) := "prohibited" if {
	true in [cell.prohibits, "prohibit" in effects]
}

else := "unknown" if not cell.covered

else := "needs_review" if {
	true in [cell.reviews, "review" in effects]
}

else := "needs_facts" if count(waits) > 0

else := "needs_evidence" if lacking(cell, papers)

else := "allowed"

lacking(_, papers) if count(papers - held) > 0

lacking(cell, _) if {
	some paper in cell.evidence
	not paper in held
}
