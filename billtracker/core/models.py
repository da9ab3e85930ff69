"""What core stores: audit entries and chains, settings, import previews and batches."""

from django.db import models

from billtracker.core.crypto import EncryptedTextField


class AuditChain(models.Model):
    """The head of one hash chain; its row lock puts the scope's entries in order."""

    scope = models.CharField(max_length=40, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.scope}: {self.length} entries"


class AuditEntry(models.Model):
    """Who did what to which thing, when, why, through which entry point. Never changed, never deleted.

    It names people and things by number and by the name they had, without foreign keys, so that
    it outlives them.
    """

    scope = models.CharField(max_length=40)
    position = models.PositiveBigIntegerField()
    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_name = models.CharField(max_length=200)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    source = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [models.UniqueConstraint(fields=["scope", "position"], name="audit_position_once")]
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]

    def __str__(self) -> str:
        return f"{self.scope} {self.position}: {self.action}"


class Setting(models.Model):
    """A runtime setting that somebody changed; settings nobody changed have no row."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField(null=True)
    secret = EncryptedTextField(blank=True, default="")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class ImportPreviewQuerySet(models.QuerySet):
    def in_scope(self, scope):
        """Previews of one household (``household:12``) or of the office."""
        return self.filter(scope=scope)

    def overdue(self, now):
        """Previews whose time ran out before anybody applied them."""
        return self.filter(expires_at__lte=now, state__in=ImportPreview.OPEN)


class ImportPreview(models.Model):
    """A file somebody brought, what was understood of it, and what applying it would do."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Waiting to be read"
        READING = "reading", "Being read"
        MAPPING = "mapping", "Waiting for its columns"
        CHECKING = "checking", "Being checked"
        READY = "ready", "Ready to apply"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        FAILED = "failed", "Could not be read"
        EXPIRED = "expired", "Expired"
        UNDONE = "undone", "Undone"

    OPEN = (State.UPLOADED, State.READING, State.MAPPING, State.CHECKING, State.READY, State.FAILED)
    WORKING = (State.UPLOADED, State.READING, State.CHECKING, State.APPLYING)

    scope = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    # The file as it came until it is read, then its rows as compressed JSON; gone when applied.
    content = models.BinaryField(default=bytes)
    # The file as it came, while it can still be read in another encoding or from another sheet.
    original = models.BinaryField(default=bytes)
    form = models.CharField(max_length=200, blank=True)
    # Columns, decimal mark, date order and the handler's own questions, as the person answered.
    answers = models.JSONField(default=dict)
    effect = models.CharField(max_length=500, blank=True, help_text="What applying it makes beside the rows.")
    error = models.CharField(max_length=500, blank=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)

    objects = ImportPreviewQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "uploaded", "reading", "mapping", "checking", "ready", "applying", "applied",
                        "failed", "expired", "undone",
                    ]
                ),
                name="preview_state_known",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["scope", "created_at"], name="preview_of_scope")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.kind})"

    @property
    def audit_scope(self) -> str:
        return self.scope

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING


class ImportRow(models.Model):
    """One row of a previewed file: what it would become, or why it cannot."""

    class Status(models.TextChoices):
        OK = "ok", "Fine"
        PROBLEM = "problem", "Problem"
        DUPLICATE = "duplicate", "Duplicate"

    preview = models.ForeignKey(ImportPreview, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="The row's number in the file.")
    status = models.CharField(max_length=10, choices=Status)
    sentence = models.CharField(max_length=500, blank=True)
    column = models.CharField(max_length=40, blank=True, help_text="The field at fault.")
    original = models.JSONField(default=dict, help_text="The mapped cells as they stand in the file.")
    understood = models.JSONField(default=dict, help_text="What was understood, for people to read.")
    may_apply = models.BooleanField(default=False)
    is_chosen = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["preview", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=models.Q(is_chosen=False) | models.Q(may_apply=True), name="import_row_choosable"
            ),
        ]
        indexes = [models.Index(fields=["preview", "status", "number"], name="import_row_status")]

    def __str__(self) -> str:
        return f"row {self.number}"


class ImportBatch(models.Model):
    """What one applied file made, so that it can be named and taken back as a whole."""

    scope = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    preview = models.OneToOneField(
        ImportPreview, on_delete=models.SET_NULL, null=True, related_name="batch"
    )  # once: two applies of one preview cannot make two batches
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    applied_at = models.DateTimeField(auto_now_add=True)
    row_count = models.PositiveIntegerField(default=0, help_text="How many rows of the file were applied.")
    left_out_count = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["scope", "-id"], name="batch_of_scope")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.kind})"

    @property
    def audit_scope(self) -> str:
        return self.scope

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None


class ImportedThing(models.Model):
    """A row of some app that a batch made; named by model and number, without a foreign key."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="things")
    row_number = models.PositiveIntegerField()
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["model", "object_id"], name="imported_thing")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id} from row {self.row_number}"


class IdempotencyRecord(models.Model):
    """What one write of one person with one Idempotency-Key made, so that a repeat makes nothing."""

    actor_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    target_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.actor_id}"


class Restoration(models.Model):
    """A backup took the place of the data; written as part of the data that it brought.

    The newest ``token`` tells every process which past it is in: one that knows another token may
    have work in hand that belongs to the data as they were.
    """

    token = models.CharField(max_length=32, unique=True)
    restored_at = models.DateTimeField()
    source = models.CharField(max_length=80, help_text="The backup's id.")
    source_made_at = models.DateTimeField()
    pre_restore = models.CharField(max_length=80, help_text="The id of the backup made just before.")
    actor_name = models.CharField(max_length=150)
    # What was waiting then may have gone out since: nothing leaves until a person has decided.
    mail_released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} at {self.restored_at:%Y-%m-%d %H:%M}"


class CacheEntry(models.Model):
    """What is counted for a while, such as failed sign-ins; gone when its time is over, and never before."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.TextField()
    expires_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.key
