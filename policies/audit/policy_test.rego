package governance.audit_test

import data.governance.audit

fields := ["/seller/id", "/product/id", "/product/title", "/evidence/*/reference"]

request(role, purpose) := {
	"caller": {"id": "caller-1", "role": role},
	"purpose": purpose,
	"gate": "sale",
	"fields": fields,
}

masked_in(whole) := answer if {
	judged := audit.masks with input as whole
	answer := judged.masked
}

masked(role, purpose) := masked_in(request(role, purpose))

test_portal_reads_all_that_it_sent if masked("portal", "read") == []

test_reviewer_reads_no_number_of_a_paper if {
	masked("reviewer", "read") == ["/evidence/*/reference"]
}

test_auditor_reads_no_number_of_a_paper if {
	masked("auditor", "read") == ["/evidence/*/reference"]
}

test_auditor_exports_neither_seller_nor_paper if {
	masked("auditor", "export") == ["/seller/id", "/evidence/*/reference"]
}

test_admin_reads_all if masked("admin", "read") == []

test_admin_exports_no_number_of_a_paper if {
	masked("admin", "export") == ["/evidence/*/reference"]
}

test_who_may_not_export_is_shown_nothing_in_an_export if {
	every role in ["portal", "reviewer", "anonymous"] {
		masked(role, "export") == fields
	}
}

test_unknown_role_is_shown_nothing if {
	every role in ["owner", "anonymous", "", null, 1, [], {}, true] {
		every purpose in ["read", "export"] {
			masked(role, purpose) == fields
		}
	}
}

test_unknown_purpose_is_shown_nothing if {
	every purpose in ["print", "", null, 1, [], {}, true] {
		masked("admin", purpose) == fields
	}
}

test_unknown_gate_is_shown_nothing if {
	every gate in ["access", "drop", "", null, 1, [], {}, true] {
		masked_in(object.union(request("admin", "read"), {"gate": gate})) == fields
	}
}

test_field_that_nobody_listed_is_withheld if {
	whole := object.union(request("admin", "read"), {"fields": ["/seller/id", "/seller/name"]})
	masked_in(whole) == ["/seller/name"]
}

test_request_that_lacks_a_part_is_shown_nothing if {
	every part in ["caller", "purpose", "gate"] {
		masked_in(object.remove(request("admin", "read"), [part])) == fields
	}
}

test_caller_without_a_name_is_shown_nothing if {
	every id in [null, "", 1, [], {}] {
		caller := {"id": id, "role": "admin"}
		masked_in(object.union(request("admin", "read"), {"caller": caller})) == fields
	}
}

test_fields_that_are_no_list_are_not_judged if {
	not audit.masks with input as object.remove(request("admin", "read"), ["fields"])
	every wrong in [null, 1, "/seller/id", {}, true] {
		not audit.masks with input as object.union(request("admin", "read"), {"fields": wrong})
	}
}

test_values_are_kept_for_five_years if {
	judged := audit.retention with input as {"gate": "sale"}
	judged == {"retain_days": 1826}
}

test_gate_that_is_no_word_has_no_retention if {
	not audit.retention with input as {}
	every wrong in [null, 1, [], {}, true] {
		not audit.retention with input as {"gate": wrong}
	}
}

drop_fields := ["/drop/creator", "/drop/title", "/approvals/*/approver"]

masked_of_drop(role, purpose) := masked_in({
	"caller": {"id": "caller-1", "role": role},
	"purpose": purpose,
	"gate": "drop",
	"fields": drop_fields,
})

test_who_reads_a_drop_reads_who_approved_it if {
	every role in ["portal", "reviewer", "auditor", "admin"] {
		masked_of_drop(role, "read") == []
	}
}

test_auditor_exports_who_approved_a_drop_and_not_whose_it_is if {
	masked_of_drop("auditor", "export") == ["/drop/creator"]
}

test_portal_exports_nothing_of_a_drop if {
	masked_of_drop("portal", "export") == drop_fields
}
