"""The worker's own tables are not edited in the admin: schedules come from code, see billtracker.schedule."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)
