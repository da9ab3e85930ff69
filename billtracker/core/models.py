"""What the ground floor keeps: audit entries and chains, settings, import previews and batches."""

from django.db import models


class AuditChain(models.Model):
    """The head of one hash chain; its row lock puts the scope's entries in order."""

    scope = models.CharField(max_length=40, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.scope}: {self.length} entries"


class AuditEntry(models.Model):
    """Who did what to which thing, when, why, through which door. Never changed, never deleted.

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
