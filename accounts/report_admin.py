"""The queue of reports, for staff: what was said, who complains, and what is to become of it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts import reports
from accounts.models import Report, User
from agents_core import AgentError

DECISIONS = (Report.Outcome.KEPT, Report.Outcome.REMOVED, Report.Outcome.SUSPENDED)
ASKED = {
    Report.Outcome.KEPT: "Nothing to do",
    Report.Outcome.REMOVED: "Remove it",
    Report.Outcome.SUSPENDED: "Suspend the account",
}


class Undecided(admin.SimpleListFilter):
    """Shows what waits for a decision, unless asked for the rest."""

    title = "decision"
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "All"), *[(value, label) for value, label in Report.Outcome.choices[1:]]]

    def choices(self, changelist: Any) -> Any:
        own = super().choices(changelist)
        next(own)  # Django's own "All"
        here = {"selected": self.value() is None, "display": "Open"}
        yield here | {"query_string": changelist.get_query_string(remove=[self.parameter_name])}
        yield from own

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.filter(outcome=self.value() or Report.Outcome.OPEN)


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To read and to decide; what was decided stays to be read."""

    list_display = ("created_at", "kind", "accused", "reason", "reporter", "outcome")
    list_display_links = ("created_at", "kind")
    list_filter = (Undecided, "kind", "reason")
    list_select_related = ("reporter",)
    search_fields = ("accused", "reporter__username", "note")
    change_form_template = "accounts/admin_report.html"
    fields = (
        *("kind", "accused", "said", "written_at", "where"),
        *("reporter", "reason", "note", "created_at", "others"),
        *("outcome", "closed_at", "closed_by"),
    )

    @admin.display(description="What it said")
    def said(self, report: Report) -> SafeString:
        return format_html('<div class="said">{}</div>', report.snapshot["text"] or "–")

    @admin.display(description="Written")
    def written_at(self, report: Report) -> str:
        return str(report.snapshot["created_at"])

    @admin.display(description="Where")
    def where(self, report: Report) -> str | SafeString:
        address = report.snapshot["address"]
        return format_html('<a href="{}">{}</a>', address, address) if address else "In a chat"

    @admin.display(description="Reports of this account")
    def others(self, report: Report) -> SafeString:
        count = Report.objects.filter(accused=report.accused).count()
        found = reverse("admin:accounts_report_changelist")
        address = f"{found}?decision=all&q={report.accused}"
        return format_html('<a href="{}">{}</a>', address, count)

    def get_urls(self) -> list[URLPattern]:
        close = self.admin_site.admin_view(require_POST(self.close))
        return [path("<int:report_id>/close/", close, name="report_close"), *super().get_urls()]

    def close(self, request: HttpRequest, report_id: int) -> HttpResponse:
        """Decide a report and all others of the same, and say why for the record."""
        by = request.user
        if not isinstance(by, User) or not by.has_perm("accounts.change_report"):
            raise PermissionDenied
        found = get_object_or_404(Report, pk=report_id)
        outcome = request.POST.get("outcome", "")
        if outcome not in DECISIONS:
            self.message_user(request, "Choose what is to become of it.", messages.ERROR)
            return redirect("admin:accounts_report_change", report_id)
        try:
            closed = reports.close(found.pk, by, outcome, request.POST.get("why", "")[:500])
        except AgentError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect("admin:accounts_report_change", report_id)
        self.message_user(request, f"{closed}: {closed.get_outcome_display()}.", messages.SUCCESS)
        return redirect("admin:accounts_report_changelist")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        report = kwargs.get("obj")
        may = request.user.has_perm("accounts.change_report")
        if report is not None and report.outcome == Report.Outcome.OPEN and may:
            removable = reports.subject_of(report.kind).remove is not None
            context["decisions"] = [
                (one.value, ASKED[one])
                for one in DECISIONS
                if one != Report.Outcome.REMOVED or removable
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        may = request.user.has_perm
        return may("accounts.view_report") or may("accounts.change_report")

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False
