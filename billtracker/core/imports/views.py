"""The pages of files that come in: upload, columns, preview, apply, and the batches with their undo.

Each app whose files these are gives the kinds, the access check and where the pages stand.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billtracker.core.audit import Scope
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import batches, previews
from billtracker.core.imports.forms import ColumnsForm, UploadForm
from billtracker.core.imports.handlers import RowHandler, Status, handler_for
from billtracker.core.models import ImportBatch, ImportPreview, ImportRow
from billtracker.core.web.pages import get_or_post, paginate, refusing, say

# What the app's own decorator makes of a request.
RequestType = TypeVar("RequestType", bound=HttpRequest)

PAGE = 100
State = ImportPreview.State
# Each page: its address, its name, the methods it takes.
PAGES = (
    ("", "data", require_safe),
    ("import/<slug:kind>/", "upload", get_or_post),
    ("previews/<int:pk>/", "preview", require_safe),
    ("previews/<int:pk>/columns/", "preview_columns", get_or_post),
    ("previews/<int:pk>/rows/", "preview_rows", require_POST),
    ("previews/<int:pk>/apply/", "preview_apply", require_POST),
    ("previews/<int:pk>/discard/", "preview_discard", require_POST),
    ("batches/<int:pk>/", "batch", require_safe),
    ("batches/<int:pk>/undo/", "batch_undo", require_POST),
)


class FilePages(ABC, Generic[RequestType]):
    """The pages over the files of one owner, such as a household or the office; subclasses say whose."""

    kinds: tuple[str, ...]
    namespace: str  # of the app's addresses
    title: Any  # what the list of files is called
    imports: tuple[tuple[str, Any], ...]  # each kind with the words on its button
    why_not: Any  # what somebody reads who may look but not bring in
    access_check: Callable

    # --- what subclasses answer ----------------------------------------------------------------
    @abstractmethod
    def scope_of(self, request: RequestType) -> Scope:
        """Return the scope that new files of this request go to."""

    @abstractmethod
    def admit(self, request: RequestType, scope: str, *, to_edit: bool) -> None:
        """Answer 404 to who does not see files of that scope, 403 to who may look but not change."""

    @abstractmethod
    def may_edit(self, request: RequestType) -> bool:
        """Say whether the person may bring files in; asked after ``admit``."""

    @abstractmethod
    def time_zone(self, request: RequestType) -> str:
        """Return the name of the zone in which the pages tell times."""

    # --- wiring --------------------------------------------------------------------------------
    def urls(self) -> list[URLPattern]:
        return [
            path(route, takes(self.access_check(getattr(self, name))), name=name)
            for route, name, takes in PAGES
        ]

    def show(self, request: RequestType, page: str, context: dict, status: int = 200) -> HttpResponse:
        files = {
            "names": {name: f"{self.namespace}:{name}" for _, name, _ in PAGES},
            "title": self.title,
            "imports": self.imports,
            "why_not": self.why_not,
            "may_edit": self.may_edit(request),
            "time_zone": self.time_zone(request),
        }
        return render(request, f"core/files/{page}.html", {"files": files, **context}, status=status)

    def to(self, name: str, *args) -> HttpResponse:
        return redirect(f"{self.namespace}:{name}", *args)

    def preview_or_404(self, request: RequestType, pk: int, *, to_edit: bool = False) -> ImportPreview:
        """Return a preview that the person may see, or change."""
        found = get_object_or_404(ImportPreview, pk=pk, kind__in=self.kinds)
        self.admit(request, found.scope, to_edit=to_edit)
        return found

    def batch_or_404(self, request: RequestType, pk: int, *, to_edit: bool = False) -> ImportBatch:
        found = get_object_or_404(ImportBatch, pk=pk, kind__in=self.kinds)
        self.admit(request, found.scope, to_edit=to_edit)
        return found

    # --- pages ---------------------------------------------------------------------------------
    def data(self, request: RequestType) -> HttpResponse:
        """Show what can be brought in, the files waiting for an answer, and the batches with their undo."""
        scope = self.scope_of(request)
        found = ImportBatch.objects.filter(scope=scope, kind__in=self.kinds)
        waiting = ImportPreview.objects.in_scope(scope).filter(
            state__in=ImportPreview.OPEN, kind__in=self.kinds
        )
        waiting = [
            preview
            for preview in waiting.defer("content", "original")[:10]
            if not previews.is_expired(preview)
        ]
        page = paginate(request, found, 20)
        return self.show(request, "data", {"page": page, "waiting": waiting})

    def upload(self, request: RequestType, kind: str) -> HttpResponse:
        """Take a file and go on to its columns; nothing is written elsewhere."""
        if kind not in self.kinds:
            raise Http404
        self.admit(request, self.scope_of(request), to_edit=True)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            with form.catch_refusal("file"):
                return self.to("preview", self.keep(request, kind, form.cleaned_data["file"]).pk)
        context = {"form": form, "handler": handler_for(kind)}
        return self.show(request, "upload", context, status=422 if form.is_bound else 200)

    def keep(self, request: RequestType, kind: str, file) -> ImportPreview:
        scope, content = self.scope_of(request), file.read()
        return previews.upload_file(
            actor=request.user, scope=scope, kind=kind, name=file.name, content=content
        )

    def preview(self, request: RequestType, pk: int) -> HttpResponse:
        """Show where a file stands: being worked on, its rows, or why it stopped."""
        found = self.preview_or_404(request, pk)
        is_expired = previews.is_expired(found)
        if found.is_working and not is_expired:
            return self.show(request, "preview_working", {"preview": found})
        if request.headers.get("HX-Request"):  # the page that waited is over
            return HttpResponse(headers={"HX-Refresh": "true"})
        if found.state == State.FAILED or is_expired:
            sentence = previews.EXPIRED if is_expired else found.error
            return self.show(request, "preview_stopped", {"preview": found, "sentence": sentence})
        if found.state in (State.APPLIED, State.UNDONE):
            return self.to("batch", found.batch.pk)
        if found.state == State.MAPPING:
            return self.to("preview_columns", pk)
        return self.show(request, "preview", _rows_context(request, found))

    def preview_columns(self, request: RequestType, pk: int) -> HttpResponse:
        """Ask what the columns mean, with samples; the answer checks every row."""
        preview = self.preview_or_404(request, pk, to_edit=True)
        if preview.state not in (State.MAPPING, State.READY) or previews.is_expired(preview):
            return self.to("preview", pk)
        form = _columns_form(request, preview)
        if asked := form.reading_asked():
            with refusing(request):
                previews.read_again(preview=preview, **asked)
            return self.to("preview_columns", pk)
        wants_check = request.method == "POST" and "look" not in request.POST
        if wants_check and _save_answers(preview, form):
            return self.to("preview", pk)
        context = {"preview": preview, "form": form, "samples": form.samples()}
        return self.show(request, "preview_columns", context, status=422 if wants_check else 200)

    def preview_rows(self, request: RequestType, pk: int) -> HttpResponse:
        """Keep the ticks of a page of rows, or of all rows, and go to the page asked for."""
        found = self.preview_or_404(request, pk, to_edit=True)
        status = request.POST.get("status", "")
        with refusing(request):
            _keep_ticks(request, found)
            if whole := request.POST.get("all"):
                previews.choose_all(preview=found, status=status, is_chosen=whole == "tick")
        page = request.POST.get("page", "")
        query = f"?status={status if status in Status.values else ''}&page={page if page.isdigit() else 1}"
        return redirect(reverse(f"{self.namespace}:preview", args=[pk]) + query)

    def preview_apply(self, request: RequestType, pk: int) -> HttpResponse:
        """Bring the ticked rows in, all or none; a second click finds the batch of the first."""
        found = self.preview_or_404(request, pk, to_edit=True)
        try:
            if found.state == State.READY:
                _keep_ticks(request, found)
            made = batches.apply_preview(actor=request.user, preview=found)
        except DomainError as error:
            with refusing(request):
                raise error
            return self.to("preview", pk)
        if made is None:
            return self.to("preview", pk)
        facts = {"count": made.row_count, "what": handler_for(made.kind).title}
        undo = reverse(f"{self.namespace}:batch_undo", args=[made.pk])
        say(request, _("%(count)d %(what)s brought in.") % facts, undo=undo)
        return self.to("batch", made.pk)

    def preview_discard(self, request: RequestType, pk: int) -> HttpResponse:
        """Forget a file that is not to be brought in."""
        found = self.preview_or_404(request, pk, to_edit=True)
        previews.discard_preview(preview=found)
        say(request, _("%(file)s is forgotten. Nothing was brought in.") % {"file": found.file_name})
        return self.to("data")

    def batch(self, request: RequestType, pk: int) -> HttpResponse:
        """Show what one file brought in, and the way to take it back."""
        found = self.batch_or_404(request, pk)
        made = batches.made_by(found)
        context = {"batch": found, "made": made, "handler": handler_for(found.kind)}
        return self.show(request, "batch", context)

    def batch_undo(self, request: RequestType, pk: int) -> HttpResponse:
        """Take a whole batch back; refused with a sentence when something depends on it."""
        found = self.batch_or_404(request, pk, to_edit=True)
        with refusing(request):
            batches.undo_batch(actor=request.user, batch=found)
            say(request, _("%(file)s is taken back. What it brought in is gone.") % {"file": found.file_name})
        return self.to("batch", pk)


def _columns_form(request: HttpRequest, preview: ImportPreview) -> ColumnsForm:
    return ColumnsForm(
        request.POST or None,
        handler=handler_for(preview.kind),
        scope=preview.scope,
        sheet=previews.sheet_of(preview),
        answers=preview.answers,
    )


def _rows_context(request: HttpRequest, found: ImportPreview) -> dict:
    """Return one page of rows, filtered by the address, with the counts of every status."""
    status = request.GET.get("status", "")
    status = status if status in Status.values else ""
    rows = found.rows.filter(status=status) if status else found.rows.all()
    page = paginate(request, rows, PAGE)
    handler = handler_for(found.kind)
    counts = dict(found.rows.order_by().values_list("status").annotate(Count("pk")))
    return {
        "preview": found,
        "handler": handler,
        "page": page,
        "rows": [(row, _cells_of(row, handler)) for row in page.object_list],
        "status": status,
        "statuses": [(value, label, counts.get(value, 0)) for value, label in Status.choices],
        "total": sum(counts.values()),
        "chosen": found.rows.filter(is_chosen=True).count(),
    }


def _cells_of(row: ImportRow, handler: RowHandler) -> list[tuple[str, str]]:
    """Return what was understood in the handler's order; of a row with a problem, what stands in the file."""
    if row.understood:
        return [(label, row.understood.get(label, "")) for label in handler.shown]
    filled = [field for field in handler.fields if row.original.get(field.name)]
    return [(field.label, row.original[field.name]) for field in filled]


def _save_answers(found: ImportPreview, form: ColumnsForm) -> bool:
    """Keep the form's answers and check the rows; False leaves what is wrong on the form."""
    if not form.is_valid():
        return False
    try:
        previews.answer_columns(preview=found, answers=form.as_stored())
    except DomainError as error:
        form.add_refusal(error)
        return False
    return True


def _keep_ticks(request: HttpRequest, found: ImportPreview) -> None:
    """Keep what the form's page of rows says; broken numbers count as none."""
    shown, chosen = (
        [int(number) for number in request.POST.getlist(name) if number.isdecimal() and len(number) < 9]
        for name in ("shown", "chosen")
    )
    previews.choose_rows(preview=found, shown=shown, chosen=chosen)
