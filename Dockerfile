# Web and worker in one container, or one of them each (compose.yaml). No setting is built in.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --no-create-home --uid 10001 heardback \
    && install --directory --owner heardback /data
COPY --from=build /venv /venv
WORKDIR /srv/heardback
COPY portal portal
COPY templates templates
COPY migrations migrations
COPY wsgi.py .
ENV PATH=/venv/bin:$PATH INSTANCE_PATH=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=8)"]
CMD ["flask", "serve", "--host", "0.0.0.0"]
