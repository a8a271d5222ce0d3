# The same steps as `make run`, without the private cluster: the database is compose.yaml's.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev make python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home diachiso
WORKDIR /srv/diachiso
COPY --chown=diachiso . .
RUN chown diachiso .
USER diachiso
ENV DIACHISO_HOST=0.0.0.0 \
    DIACHISO_DATABASE_URL=postgresql+psycopg://diachiso:diachiso@database/diachiso
RUN make environment map compiled && rm -rf ~/.cache ~/.npm
EXPOSE 8000
CMD [".venv/bin/diachiso", "up"]
