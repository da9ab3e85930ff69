"""Bringing files in: upload, columns, preview, apply, and the batches with their undo."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bills.file_forms import ColumnsForm, UploadForm
from billtracker.accounts.households import household_required, membership_for, require_editor
from billtracker.core.doors import refusing, say
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import batches, previews
from billtracker.core.imports.handlers import RowHandler, Status, handler_for
from billtracker.core.models import ImportBatch, ImportPreview, ImportRow

KINDS = ("bills", "payments")
PAGE = 100
State = ImportPreview.State


@require_safe
@household_required
def data(request: HttpRequest) -> HttpResponse:
    """Show what can be brought in, the files waiting for an answer, and the batches with their undo."""
    scope = request.membership.household.audit_scope
    found = ImportBatch.objects.filter(scope=scope, kind__in=KINDS)
    waiting = ImportPreview.objects.in_scope(scope).filter(state__in=ImportPreview.OPEN, kind__in=KINDS)
    waiting = [preview for preview in waiting.defer("content")[:10] if not previews.is_expired(preview)]
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    return render(request, "bills/data.html", {"page": page, "waiting": waiting})


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a file and go on to its columns; nothing is written to bills or payments."""
    if kind not in KINDS:
        raise Http404
    require_editor(request.membership)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("preview", keep(request, kind, form.cleaned_data["file"]).pk)
        except DomainError as error:
            form.add_error("file", error.sentence)
    context = {"form": form, "handler": handler_for(kind)}
    return render(request, "bills/upload.html", context, status=422 if form.is_bound else 200)


def keep(request: HttpRequest, kind: str, file) -> ImportPreview:
    scope, content = request.membership.household.audit_scope, file.read()
    return previews.upload_file(actor=request.user, scope=scope, kind=kind, name=file.name, content=content)


def preview_or_404(request: HttpRequest, pk: int, *, to_edit: bool = False) -> ImportPreview:
    """Return a preview of one of the user's households, and make that household the request's."""
    found = get_object_or_404(ImportPreview, pk=pk, kind__in=KINDS)
    take_household(request, found.scope, to_edit)
    return found


def batch_or_404(request: HttpRequest, pk: int, *, to_edit: bool = False) -> ImportBatch:
    found = get_object_or_404(ImportBatch, pk=pk, kind__in=KINDS)
    take_household(request, found.scope, to_edit)
    return found


def take_household(request: HttpRequest, scope: str, to_edit: bool) -> None:
    """Answer 404 for another household's file, 403 for a viewer who wants to change something."""
    request.membership = membership_for(request.user, int(scope.removeprefix("household:")))
    if to_edit:
        require_editor(request.membership)


@require_safe
@household_required
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a file stands: being worked on, its rows, or why it stopped."""
    found = preview_or_404(request, pk)
    is_expired = previews.is_expired(found)
    if found.is_working and not is_expired:
        return render(request, "bills/preview_working.html", {"preview": found})
    if request.headers.get("HX-Request"):  # the page that waited is over
        return HttpResponse(headers={"HX-Refresh": "true"})
    if found.state == State.FAILED or is_expired:
        sentence = previews.EXPIRED if is_expired else found.error
        return render(request, "bills/preview_stopped.html", {"preview": found, "sentence": sentence})
    if found.state in (State.APPLIED, State.UNDONE):
        return redirect("batch", found.batch.pk)
    if found.state == State.MAPPING:
        return redirect("preview_columns", pk)
    return render(request, "bills/preview.html", rows_context(request, found))


def rows_context(request: HttpRequest, found: ImportPreview) -> dict:
    """Return one page of rows, filtered by the address, with the counts of every status."""
    status = request.GET.get("status", "")
    status = status if status in Status.values else ""
    rows = found.rows.filter(status=status) if status else found.rows.all()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    handler = handler_for(found.kind)
    counts = dict(found.rows.order_by().values_list("status").annotate(Count("pk")))
    return {
        "preview": found,
        "handler": handler,
        "page": page,
        "rows": [(row, cells_of(row, handler)) for row in page.object_list],
        "status": status,
        "statuses": [(value, label, counts.get(value, 0)) for value, label in Status.choices],
        "total": sum(counts.values()),
        "chosen": found.rows.filter(is_chosen=True).count(),
    }


def cells_of(row: ImportRow, handler: RowHandler) -> list[tuple[str, str]]:
    """Return what was understood in the handler's order; of a row with a problem, what stands in the file."""
    if row.understood:
        return [(label, row.understood.get(label, "")) for label in handler.shown]
    filled = [field for field in handler.fields if row.original.get(field.name)]
    return [(field.label, row.original[field.name]) for field in filled]


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def preview_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the columns mean, with samples; the answer checks every row."""
    found = preview_or_404(request, pk, to_edit=True)
    if found.state not in (State.MAPPING, State.READY) or previews.is_expired(found):
        return redirect("preview", pk)
    form = ColumnsForm(
        request.POST or None, handler=handler_for(found.kind), scope=found.scope,
        sheet=previews.sheet_of(found), answers=found.answers,
    )  # fmt: skip
    wants_check = request.method == "POST" and "look" not in request.POST
    if wants_check and answered(found, form):
        return redirect("preview", pk)
    context = {"preview": found, "form": form, "samples": form.samples()}
    return render(request, "bills/preview_columns.html", context, status=422 if wants_check else 200)


def answered(found: ImportPreview, form: ColumnsForm) -> bool:
    """Keep the form's answers and check the rows; False leaves what is wrong on the form."""
    if not form.is_valid():
        return False
    try:
        previews.answer_columns(preview=found, answers=form.as_stored())
    except DomainError as error:
        form.add_domain_error(error)
        return False
    return True


@require_POST
@household_required
def preview_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the ticks of a page of rows, or of all rows, and go to the page asked for."""
    found = preview_or_404(request, pk, to_edit=True)
    status = request.POST.get("status", "")
    with refusing(request):
        keep_ticks(request, found)
        if whole := request.POST.get("all"):
            previews.choose_all(preview=found, status=status, is_chosen=whole == "tick")
    page = request.POST.get("page", "")
    query = f"?status={status if status in Status.values else ''}&page={page if page.isdigit() else 1}"
    return redirect(reverse("preview", args=[pk]) + query)


def keep_ticks(request: HttpRequest, found: ImportPreview) -> None:
    """Keep what the form's page of rows says; broken numbers count as none."""
    shown, chosen = (
        [int(number) for number in request.POST.getlist(name) if number.isdecimal() and len(number) < 9]
        for name in ("shown", "chosen")
    )
    previews.choose_rows(preview=found, shown=shown, chosen=chosen)


@require_POST
@household_required
def preview_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the ticked rows in, all or none; a second click finds the batch of the first."""
    found = preview_or_404(request, pk, to_edit=True)
    try:
        if found.state == State.READY:
            keep_ticks(request, found)
        made = batches.apply_preview(actor=request.user, preview=found)
    except DomainError as error:
        with refusing(request):
            raise error
        return redirect("preview", pk)
    if made is None:
        return redirect("preview", pk)
    facts = {"count": made.row_count, "what": handler_for(made.kind).title}
    say(request, _("%(count)d %(what)s brought in.") % facts, undo=reverse("batch_undo", args=[made.pk]))
    return redirect("batch", made.pk)


@require_POST
@household_required
def preview_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file that is not to be brought in."""
    found = preview_or_404(request, pk, to_edit=True)
    previews.discard_preview(preview=found)
    say(request, _("%(file)s is forgotten. Nothing was brought in.") % {"file": found.file_name})
    return redirect("data")


@require_safe
@household_required
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what one file brought in, and the way to take it back."""
    found = batch_or_404(request, pk)
    made = batches.made_by(found)
    context = {"batch": found, "made": made, "handler": handler_for(found.kind)}
    return render(request, "bills/batch.html", context)


@require_POST
@household_required
def batch_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a whole batch back; refused with a sentence when something depends on it."""
    found = batch_or_404(request, pk, to_edit=True)
    with refusing(request):
        batches.undo_batch(actor=request.user, batch=found)
        say(request, _("%(file)s is taken back. What it brought in is gone.") % {"file": found.file_name})
    return redirect("batch", pk)
