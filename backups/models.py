"""What verifications found, for Status: the backups themselves are folders, not rows."""

from django.db import models


class Proof(models.Model):
    """One verification of a backup: restored into a scratch database, compared with what it said then."""

    backup_id = models.CharField(max_length=60)
    at = models.DateTimeField(db_index=True)
    is_ok = models.BooleanField()
    seconds = models.FloatField()
    fault = models.CharField(max_length=500, blank=True)
    row_count = models.PositiveBigIntegerField(default=0)
    headline = models.JSONField(default=dict, help_text="Totals per currency and the last number.")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.backup_id}: {'proven' if self.is_ok else 'failed'}"
