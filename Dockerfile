# Two stages: the first compiles, the second has the compiled JavaScript, production packages, and fping.
# ICMP echoes are sent by a Perl script (Perl is in the base image) where the container may open ping sockets: its
# net.ipv4.ping_group_range must hold the group of its user, which is how Docker starts containers. Else fping sends them.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json tsconfig.web.json tsconfig.web.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
# The file capability lets the unprivileged user run fping (give the container NET_RAW).
RUN apt-get update \
    && apt-get install -y --no-install-recommends fping libcap2-bin \
    && setcap cap_net_raw+ep /usr/bin/fping \
    && apt-get purge -y libcap2-bin && apt-get autoremove -y \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/faultline
ENV NODE_ENV=production
# scripts/memory.mjs says why.
ENV NODE_OPTIONS=--max-semi-space-size=4
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY config ./config
COPY dashboards ./dashboards
RUN mkdir -p /var/lib/faultline && chown node:node /var/lib/faultline
VOLUME /var/lib/faultline
USER node
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["node", "bin/healthcheck.js"]
ENTRYPOINT ["node", "bin/faultline.js"]
CMD ["run", "--config", "/etc/faultline/faultline.yaml"]
