"""Imports in the admin: a file is sent, and one looks on."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_part
from django.views.decorators.http import require_GET, require_http_methods

from agents_core import AgentError, Caller, calling
from agents_core.files import upload
from shop import bulk
from shop.agents.product_import import FILE, ProductImport
from shop.staff.forms import ImportForm
from shop.staff.page import render


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Take a file, and import it in the background."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent, import_id = form.cleaned_data["file"], str(uuid.uuid4())
        agent = ProductImport.of(import_id)
        try:
            with calling(Caller(request.user.get_username())):
                agent.begin(upload(agent, FILE, sent.read(), "text/csv"), sent.name)
            return redirect("admin:shop_product_import", import_id)
        except AgentError as refusal:
            form.add_error("file", refusal.message)
    context = {"form": form, "columns": bulk.COLUMNS, "between_tags": bulk.BETWEEN_TAGS}
    return render(
        request, "import", "Import products", 422 if request.method == "POST" else 200, **context
    )


@require_GET
def progress(request: HttpRequest, import_id: str) -> HttpResponse:
    """How far an import is; for htmx that part alone."""
    context = {"progress": ProductImport.of(import_id).get_progress(), "import_id": import_id}
    if request.headers.get("HX-Request"):
        return render_part(request, "shop/staff/_progress.html", context)
    return render(request, "progress", "Import products", **context)
