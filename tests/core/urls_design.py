"""The product's addresses and the page of components, which is otherwise there in DEBUG only."""

from django.urls import path

from billtracker import urls, views

handler404 = urls.handler404
urlpatterns = [*urls.urlpatterns, path("design/", views.design, name="design")]
