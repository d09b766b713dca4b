# The engine service: hash-pinned wheels, no development tools; runs as nobody; compiles its
# kernels into a writable cache before it reports SERVING.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock requirements-server.lock ./
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        -r requirements.lock
RUN python -m venv /opt/practice \
    && /opt/practice/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY protos protos
COPY analysis_engine analysis_engine
COPY session_service session_service
COPY gateway gateway
COPY clients/python clients/python
RUN /opt/build/bin/python -m hatchling build -t wheel -d /tmp/wheel \
    && /opt/practice/bin/pip install --no-cache-dir --no-deps --no-index /tmp/wheel/*.whl

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /var/lib/practice practice
COPY --from=build /opt/practice /opt/practice
ENV PATH=/opt/practice/bin:$PATH \
    PRACTICE_DATA_DIR=/var/lib/practice \
    NUMBA_CACHE_DIR=/var/lib/practice/kernels
USER practice
VOLUME /var/lib/practice
EXPOSE 50051 9464
STOPSIGNAL SIGTERM
CMD ["practice", "serve"]
