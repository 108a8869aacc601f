"""What Django's admin lists of the shop. There are no tables: these are agents."""

from django.db import models


class Product(models.Model):
    """Stands for the agents of that name, so that the admin has a place for them."""

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = "product"

    def __str__(self) -> str:
        return f"product {self.pk}"


class Order(models.Model):
    """Stands for the agents of that name, so that the admin has a place for them."""

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = "order"

    def __str__(self) -> str:
        return f"order {self.pk}"
