# One image for every process of Rapport; the command says which one runs.
FROM python:3.13-slim

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY rapport rapport
COPY workflows workflows
COPY activities activities
COPY worker worker
COPY api api
COPY cli cli
COPY schemas schemas
RUN pip install --no-cache-dir -c constraints.txt '.[postgres]' \
    && useradd --system --home-dir /var/lib/rapport --create-home rapport

USER rapport
ENV RAPPORT_STATE_FOLDER=/var/lib/rapport
CMD ["rapport", "--help"]
