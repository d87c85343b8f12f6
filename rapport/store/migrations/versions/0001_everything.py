"""The first form of all tables.

Revision: 0001, after None.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("api_keys_key")),
        sa.UniqueConstraint("name", name=op.f("api_keys_name_unique")),
    )
    op.create_table(
        "calendar_events",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("calendar_events_key")),
    )
    op.create_table(
        "candidates",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.String(length=64), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("seniority", sa.Text(), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("owner_recruiter", sa.Text(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("last_contacted_on", sa.Date(), nullable=True),
        sa.Column("custom", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("candidates_key")),
        sa.UniqueConstraint("email_key", name=op.f("candidates_email_key_unique")),
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("key", "route", name=op.f("idempotency_key")),
    )
    op.create_table(
        "live_mails",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "language", name=op.f("live_mails_key")),
    )
    op.create_table(
        "live_project",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("live_project_key")),
    )
    op.create_table(
        "live_sequences",
        sa.Column("sequence", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("live_sequences_key")),
    )
    op.create_table(
        "mail_texts",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "language", "hash", name=op.f("mail_texts_key")),
    )
    op.create_table(
        "projects",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("projects_key")),
    )
    op.create_table(
        "refusals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.String(length=200), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("refusals_key")),
    )
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.create_index("refusals_by_person", ["candidate", "at"], unique=False)

    op.create_table(
        "suppressions",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "scope", name=op.f("suppressions_key")),
    )
    op.create_table(
        "versions",
        sa.Column("sequence", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("start", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", "hash", name=op.f("versions_key")),
    )
    op.create_table(
        "applications",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rejected_on", sa.Date(), nullable=True),
        sa.Column("recruiter", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("applications_candidate_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("applications_key")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index("applications_by_person", ["candidate", "at"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("consents_candidate_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("consents_key")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("consents_by_person", ["candidate", "purpose", "at"], unique=False)

    op.create_table(
        "pool_members",
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("pool", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("pool_members_candidate_known")),
        sa.PrimaryKeyConstraint("candidate", "pool", name=op.f("pool_members_key")),
    )
    op.create_table(
        "score_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("score_entries_candidate_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("score_entries_key")),
    )
    with op.batch_alter_table("score_entries", schema=None) as batch_op:
        batch_op.create_index("score_entries_once", ["candidate", "cause"], unique=True)

    op.create_table(
        "tags",
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("tag", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("tags_candidate_known")),
        sa.PrimaryKeyConstraint("candidate", "tag", name=op.f("tags_key")),
    )
    op.create_table(
        "enrollments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.String(length=200), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("once_key", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=True),
        sa.Column("application", sa.String(length=200), nullable=True),
        sa.Column("shift_seconds", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_name", sa.Text(), nullable=True),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["applications.id"], name=op.f("enrollments_application_known")),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("enrollments_candidate_known")),
        sa.ForeignKeyConstraint(["event"], ["calendar_events.id"], name=op.f("enrollments_event_known")),
        sa.ForeignKeyConstraint(
            ["sequence", "version"],
            ["versions.sequence", "versions.hash"],
            name=op.f("enrollments_sequence_version_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("enrollments_key")),
    )
    with op.batch_alter_table("enrollments", schema=None) as batch_op:
        batch_op.create_index(
            "enrollments_already",
            ["sequence", "candidate", "once_key"],
            unique=True,
            sqlite_where=sa.text("state != 'ended'"),
            postgresql_where=sa.text("state != 'ended'"),
        )
        batch_op.create_index("enrollments_by_event", ["event", "state"], unique=False)
        batch_op.create_index("enrollments_by_person", ["candidate", "state"], unique=False)
        batch_op.create_index("enrollments_count", ["sequence", "candidate", "n"], unique=True)

    op.create_table(
        "decisions",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("result", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("values", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("decisions_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "step", name=op.f("decisions_key")),
    )
    op.create_table(
        "effects",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("effects_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "step", name=op.f("effects_key")),
    )
    op.create_table(
        "reads",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("reads_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "name", name=op.f("reads_key")),
    )
    op.create_table(
        "sends",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("mail", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("recipient_key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=200), nullable=True),
        sa.Column("mail_hash", sa.String(length=64), nullable=True),
        sa.Column("commit", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("server_text", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("sends_enrollment_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("sends_key")),
        sa.UniqueConstraint("message_id", name=op.f("sends_message_id_unique")),
    )
    with op.batch_alter_table("sends", schema=None) as batch_op:
        batch_op.create_index("sends_by_recipient", ["recipient_key", "at"], unique=False)
        batch_op.create_index("sends_by_state", ["state", "at"], unique=False)
        batch_op.create_index("sends_once", ["enrollment", "step"], unique=True)

    op.create_table(
        "tasks",
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("assignee", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("tasks_enrollment_known")),
        sa.PrimaryKeyConstraint("enrollment", "step", name=op.f("tasks_key")),
    )
    op.create_table(
        "happenings",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=200), nullable=False),
        sa.Column("candidate", sa.String(length=200), nullable=True),
        sa.Column("enrollment", sa.Text(), nullable=True),
        sa.Column("send", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.String(length=200), nullable=True),
        sa.Column("link", sa.String(length=200), nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name=op.f("happenings_candidate_known")),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("happenings_enrollment_known")),
        sa.ForeignKeyConstraint(["send"], ["sends.id"], name=op.f("happenings_send_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("happenings_key")),
        sa.UniqueConstraint("dedupe_key", name=op.f("happenings_dedupe_key_unique")),
    )
    with op.batch_alter_table("happenings", schema=None) as batch_op:
        batch_op.create_index("happenings_by_enrollment", ["enrollment", "step", "kind"], unique=False)
        batch_op.create_index("happenings_by_person", ["candidate", "kind", "at"], unique=False)

    op.create_table(
        "send_links",
        sa.Column("send", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["send"], ["sends.id"], name=op.f("send_links_send_known")),
        sa.PrimaryKeyConstraint("send", "number", name=op.f("send_links_key")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happening", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enrollment"], ["enrollments.id"], name=op.f("deliveries_enrollment_known")),
        sa.ForeignKeyConstraint(["happening"], ["happenings.id"], name=op.f("deliveries_happening_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("deliveries_key")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("deliveries_by_enrollment", ["enrollment", "state", "id"], unique=False)
        batch_op.create_index("deliveries_by_state", ["state", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_by_state")
        batch_op.drop_index("deliveries_by_enrollment")

    op.drop_table("deliveries")
    op.drop_table("send_links")
    with op.batch_alter_table("happenings", schema=None) as batch_op:
        batch_op.drop_index("happenings_by_person")
        batch_op.drop_index("happenings_by_enrollment")

    op.drop_table("happenings")
    op.drop_table("tasks")
    with op.batch_alter_table("sends", schema=None) as batch_op:
        batch_op.drop_index("sends_once")
        batch_op.drop_index("sends_by_state")
        batch_op.drop_index("sends_by_recipient")

    op.drop_table("sends")
    op.drop_table("reads")
    op.drop_table("effects")
    op.drop_table("decisions")
    with op.batch_alter_table("enrollments", schema=None) as batch_op:
        batch_op.drop_index("enrollments_count")
        batch_op.drop_index("enrollments_by_person")
        batch_op.drop_index("enrollments_by_event")
        batch_op.drop_index(
            "enrollments_already",
            sqlite_where=sa.text("state != 'ended'"),
            postgresql_where=sa.text("state != 'ended'"),
        )

    op.drop_table("enrollments")
    op.drop_table("tags")
    with op.batch_alter_table("score_entries", schema=None) as batch_op:
        batch_op.drop_index("score_entries_once")

    op.drop_table("score_entries")
    op.drop_table("pool_members")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("consents_by_person")

    op.drop_table("consents")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index("applications_by_person")

    op.drop_table("applications")
    op.drop_table("versions")
    op.drop_table("suppressions")
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.drop_index("refusals_by_person")

    op.drop_table("refusals")
    op.drop_table("projects")
    op.drop_table("mail_texts")
    op.drop_table("live_sequences")
    op.drop_table("live_project")
    op.drop_table("live_mails")
    op.drop_table("idempotency")
    op.drop_table("candidates")
    op.drop_table("calendar_events")
    op.drop_table("api_keys")
