# One image for web and worker: `serve` starts both; `serve --web` and `serve --worker` start one.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    BILLTRACKER_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=3030

# The client must be as new as the newest server it saves; Debian's own is older than most.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk \
        ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# Static files are part of the image; the folder of the data is the only one that is written to.
RUN BILLTRACKER_DATA_DIR=/tmp/build python scripts/collect_static.py \
    && rm -rf /tmp/build \
    && useradd --system --uid 10001 --home-dir /data --no-create-home billtracker \
    && install -d -m 0700 -o billtracker /data

USER billtracker
VOLUME /data
EXPOSE 3030
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "scripts/healthcheck.py"]
CMD ["python", "manage.py", "serve"]
