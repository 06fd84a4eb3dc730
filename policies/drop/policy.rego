# METADATA
# title: Drop policy
# description: |
#   Says whether a creator's drop may go live: what follows from its plan (each product in each
#   market, and the stockrooms), from the sale and provider verdicts that the plan rests on, and from
#   what the rulesets found in its figures. What is hard about a plan stands against it whatever a
#   reviewer says; only what a `review` rule found can be approved, by somebody independent, for this
#   very plan. Every condition is written as what must be there, so that a field that is missing or
#   has another type counts against the plan.
package governance.drop

# METADATA
# title: Judgement
# description: |
#   `verdict` is that of the whole and `reasons` are its codes, the gravest first; `approved_reasons`
#   are codes that an approval lifted. `markets` has one verdict for each of `input.markets`, in the
#   same order: the gravest of what stands against it and of what stands against the plan as a whole;
#   its `reasons` are its own. Undefined when the input as a whole is not readable, and then nothing
#   goes live.
# entrypoint: true
judgement := {
	"verdict": verdict,
	"reasons": reasons,
	"approved_reasons": approved,
	"markets": market_verdicts,
} if {
	is_string(input.plan)
	every list in [input.markets, input.nodes, input.stale, input.approvals] {
		is_array(list)
		every item in list {
			is_object(item)
		}
	}
	every list in [input.prohibit, input.review, input.undetermined, input.uncovered] {
		is_array(list)
		every name in list {
			is_string(name)
		}
	}
}

# Undefined unless they are lists: one engine cannot look through anything else, the other can.
markets := input.markets if is_array(input.markets)

nodes := input.nodes if is_array(input.nodes)

stale := input.stale if is_array(input.stale)

approvals := input.approvals if is_array(input.approvals)

prohibit := input.prohibit if is_array(input.prohibit)

review := input.review if is_array(input.review)

undetermined := input.undetermined if is_array(input.undetermined)

uncovered := input.uncovered if is_array(input.uncovered)

# METADATA
# title: Verdict of the whole
# description: In the words of the sale policy, and in their order.
verdict := "prohibited" if count(hard) > 0

else := plan_verdict

# METADATA
# title: Verdict of the plan
# description: What stands against the plan as a whole, whatever the markets.
plan_verdict := "prohibited" if count(against_plan) > 0

else := "unknown" if uncovered != []

else := "needs_review" if count(to_review) > 0

else := "needs_facts" if undetermined != []

else := "allowed"

market_verdicts := [{"verdict": market_verdict(own), "reasons": own} | some own in own_reasons]

market_verdict(own) := "prohibited" if count(own) > 0

else := plan_verdict

# METADATA
# title: Reasons
# description: The gravest first, and those of a kind in the order of the alphabet.
reasons := array.concat(
	array.concat([code | some code in hard], [named("not_covered", name) | some name in uncovered]),
	array.concat([code | some code in to_review], [named("undetermined", id) | some id in undetermined]),
)

hard contains code if some code in against_plan

hard contains code if {
	some own in own_reasons
	some code in own
}

# METADATA
# title: What a reviewer may lift
# description: |
#   The codes of `review` rules, but for those that an approval names: of this plan, and by
#   somebody independent. No other code is ever lifted.
to_review contains code if {
	some code in reviewed
	not code in approved
}

approved contains code if {
	some approval in approvals
	approval.independent == true
	approval.plan == input.plan
	is_array(approval.reasons)
	some code in approval.reasons
	code in reviewed
}

reviewed contains named("review", id) if some id in review

# METADATA
# title: Against the plan as a whole
against_plan contains named("prohibited", id) if some id in prohibit

against_plan contains named("stale", what_changed(one)) if some one in stale

against_plan contains "no_market" if markets == []

against_plan contains "no_units" if {
	markets != []
	not some_units
}

against_plan contains named("node_over_capacity", node_name(node)) if {
	some node in nodes
	not holds_its_units(node)
}

some_units if {
	some market in markets
	counted(market)
	market.units > 0
}

# Values of different types have an order in Rego (null <= 1 is true), so a type is always
# checked before `<=` is believed.
holds_its_units(node) if {
	is_number(node.units)
	is_number(node.capacity)
	node.units <= node.capacity
}

own_reasons := [against(market) | some market in markets]

# METADATA
# title: Against a product in a market
# description: |
#   Every line is a code, and the negation of what must be there: what is undefined stands against
#   the market, too.
against(market) := union({
	{"sale_not_allowed_on_first_day" | not sold(market, 0)},
	{"sale_not_allowed_on_last_day" | not sold(market, 1)},
	{"no_import_mode" | not has_some(market, "import_modes")},
	{named("import_mode_not_allowed", mode) |
		some mode in listed(market, "import_modes")
		not may_come_in(market, mode)
	},
	{named("evidence_ends", type) | some type in listed(market, "evidence_ends")},
	{"no_provider" | not has_some(market, "providers")},
	{named("provider_not_serving", provider_of(cell)) |
		some cell in listed(market, "providers")
		not serves(cell)
	},
	{named("provider_not_allowed", name_of(cell)) |
		some cell in listed(market, "providers")
		not is_allowed(cell)
	},
	{named("refused_by_lane", lane) | some lane in listed(market, "refused_by_lane")},
	{named("refused_by_node", node) | some node in listed(market, "refused_by_node")},
	{"units_not_counted" | not counted(market)},
	{"clearance_not_open" | not clearance_open(market)},
	{"lead_time_over_limit" | not in_time(market)},
})

sold(market, day) if {
	is_array(market.sale)
	count(market.sale) == 2
	market.sale[day].verdict == "allowed"
}

has_some(market, field) if {
	is_array(market[field])
	count(market[field]) > 0
}

may_come_in(market, mode) if {
	is_string(mode)
	is_array(market.import_modes_allowed)
	mode in market.import_modes_allowed
}

# METADATA
# title: Serves
# description: |
#   The standings in which a provider is given anything; where it is on probation, the verdict of
#   each cell says where it may still serve.
serves(cell) if cell.standing in {"provisional", "active", "probation", "reinstated"}

is_allowed(cell) if cell.verdict == "allowed"

counted(market) if {
	is_number(market.units)
	market.units >= 0
}

clearance_open(market) if market.clearance_open == true

in_time(market) if {
	is_number(market.lead_days_p90)
	market.lead_days_limit == null
}

in_time(market) if {
	is_number(market.lead_days_p90)
	is_number(market.lead_days_limit)
	market.lead_days_p90 <= market.lead_days_limit
}

# METADATA
# title: What a field lists
# description: Null where there is no list, for nobody knows then that nothing is on it.
listed(market, field) := market[field] if is_array(market[field])

else := [null]

what_changed(one) := concat(":", [one.what, one.which]) if {
	is_string(one.what)
	is_string(one.which)
}

else := null

node_name(node) := node.node if is_string(node.node)

else := null

provider_of(cell) := cell.provider if is_string(cell.provider)

else := null

name_of(cell) := concat("/", [cell.provider, cell.service, cell.market]) if {
	is_string(cell.provider)
	is_string(cell.service)
	is_string(cell.market)
}

else := null

# METADATA
# title: Code
# description: A kind of reason and what it is about, where that has a name.
named(kind, name) := concat(":", [kind, name]) if is_string(name)

else := kind
