"""Runs the migrations on the connection that `governance.db.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import governance.access.models
import governance.audit.models
import governance.decisions.models
import governance.drops.models
import governance.drops.past.models
import governance.drops.rates.models
import governance.drops.webhooks.models
import governance.providers.models
import governance.providers.performance.models
import governance.providers.vetting.models
import governance.releases.models  # noqa: F401 - every module with tables, for the comparison

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
)
with context.begin_transaction():
    context.run_migrations()
