"""Addresses of the office itself, its clients, engagements and their files."""

from django.urls import include, path

from billing.views import clients, engagements, home, office, office_users, payer_groups
from billing.views.files import OfficeFiles

urlpatterns = [
    path("", home.office_home, name="office_home"),
    path("office/", office.office_profile_page, name="office_profile"),
    path("office/logo/", office.office_logo, name="office_logo"),
    path("users/", office_users.office_user_list, name="office_users"),
    path("users/<int:pk>/", office_users.office_user_edit, name="office_user_edit"),
    path("clients/", clients.client_list, name="client_list"),
    path("clients/csv/", clients.client_csv, name="client_csv"),
    path("clients/new/", clients.client_create, name="client_create"),
    path("clients/<int:pk>/", clients.client_detail, name="client_detail"),
    path("clients/<int:pk>/edit/", clients.client_edit, name="client_edit"),
    path("clients/<int:pk>/logo/", clients.client_logo, name="client_logo"),
    path("clients/<int:pk>/contacts/new/", clients.contact_create, name="contact_create"),
    path("clients/<int:pk>/engagements/new/", engagements.engagement_create, name="engagement_create"),
    path("clients/contacts/<int:pk>/", clients.contact_edit, name="contact_edit"),
    path("clients/contacts/<int:pk>/remove/", clients.contact_remove, name="contact_remove"),
    path("payer-groups/", payer_groups.payer_group_list, name="payer_group_list"),
    path("payer-groups/new/", payer_groups.payer_group_create, name="payer_group_create"),
    path("payer-groups/<int:pk>/", payer_groups.payer_group_edit, name="payer_group_edit"),
    path("payer-groups/<int:pk>/delete/", payer_groups.payer_group_delete, name="payer_group_delete"),
    path("engagements/<int:pk>/", engagements.engagement_detail, name="engagement_detail"),
    path("engagements/<int:pk>/edit/", engagements.engagement_edit, name="engagement_edit"),
    path("engagements/<int:pk>/suspend/", engagements.engagement_suspend, name="engagement_suspend"),
    path("engagements/<int:pk>/resume/", engagements.engagement_resume, name="engagement_resume"),
    path("engagements/<int:pk>/end/", engagements.engagement_end, name="engagement_end"),
    path("engagements/<int:pk>/fees/", engagements.fee_add, name="fee_add"),
    path("engagements/fees/<int:pk>/remove/", engagements.fee_remove, name="fee_remove"),
    path("files/", include(OfficeFiles().urls())),
]
