# docker build --build-arg VERSION=v1.2.3 --tag ekslint .
# docker run --rm --network none --volume "$PWD:/src:ro" --workdir /src ekslint check .
#
# Nothing is in the image but the program: it needs no shell, no certificates and
# no user's name. `ekslint diff --base` needs git and does not work in it.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH VERSION=dev
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath \
    -ldflags "-s -w -X github.com/ekslint/ekslint/internal/cli.version=$VERSION" -o /ekslint ./cmd/ekslint

FROM scratch
COPY --from=build /ekslint /ekslint
USER 65532:65532
ENTRYPOINT ["/ekslint"]
