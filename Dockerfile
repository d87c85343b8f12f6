# One image for every process of Rapport; the command says which one runs.

# What is installed is built here, so that neither pip's cache nor the sources are in the image that runs.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /opt/rapport
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY rapport rapport
COPY workflows workflows
COPY activities activities
COPY worker worker
COPY api api
COPY cli cli
COPY schemas schemas
RUN /opt/rapport/bin/pip install --no-cache-dir -c constraints.txt '.[postgres]'

FROM python:3.13-slim
# A number, so that Kubernetes can see that it is not root.
RUN groupadd --system --gid 10001 rapport \
    && useradd --system --uid 10001 --gid rapport --home-dir /var/lib/rapport --create-home rapport
COPY --from=build /opt/rapport /opt/rapport
ENV PATH=/opt/rapport/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RAPPORT_STATE_FOLDER=/var/lib/rapport
USER 10001:10001
WORKDIR /var/lib/rapport
# One second of a core each time; the API has a cheaper one of its own in docker-compose.yml.
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s --retries=3 CMD ["rapport", "doctor"]
CMD ["rapport", "--help"]
