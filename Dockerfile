# syntax=docker/dockerfile:1
# One image for all services of compose.yaml; each names its own command.

FROM python:3.13-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# The environment changes less often than the code: a layer of its own.
COPY pyproject.toml uv.lock .python-version ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev
COPY . .
# Keys and addresses of the real installation come at run time; collectstatic needs none of them.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/app/staticfiles .venv/bin/python manage.py collectstatic --noinput \
    && rm -rf /tmp/build

FROM python:3.13-slim-bookworm
RUN groupadd --gid 1000 letterbox \
    && useradd --uid 1000 --gid letterbox --no-create-home --home-dir /data --shell /usr/sbin/nologin letterbox \
    && install --directory --owner=letterbox --group=letterbox /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles
USER letterbox
VOLUME /data
EXPOSE 8000 2525 2110
# For the web server; the other services of compose.yaml bring checks of their own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "1", "--blocking-threads", "12", "--backpressure", "800", "--no-ws", "--log-level", "error", "--respawn-failed-workers", "webmail.wsgi:application"]
