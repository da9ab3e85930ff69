"""The worker's own tables are not edited in the admin: schedules come from code, see billtracker.schedule."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):  # OrmQ is not when the queue is in Redis
        admin.site.unregister(model)
