"""Addresses of backups, below Admin."""

from django.urls import path

from backups.views import backups, imports, operations, restoring

app_name = "backups"
urlpatterns = [
    path("", backups.backup_list, name="backups"),
    path("create/", backups.backup_create, name="backup_create"),
    path("import/", imports.backup_import, name="backup_import"),
    path("mail/", restoring.mail_release, name="backup_mail_release"),
    path("operations/<slug:key>/", operations.operation_detail, name="backup_operation"),
    path("operations/<slug:key>/seen/", operations.fault_seen, name="fault_seen"),
    path("<slug:backup_id>/", backups.backup_detail, name="backup"),
    path("<slug:backup_id>/verify/", backups.backup_verify, name="backup_verify"),
    path("<slug:backup_id>/download/", backups.backup_download, name="backup_download"),
    path("<slug:backup_id>/restore/", restoring.backup_restore, name="backup_restore"),
    path("<slug:backup_id>/delete/", backups.backup_delete, name="backup_delete"),
]
