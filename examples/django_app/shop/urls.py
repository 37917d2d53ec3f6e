from django.urls import path

from shop import views

urlpatterns = [path("orders/<int:order>", views.show), path("fail", views.fail)]
