"""One frozen Settings, read from DIACHISO_* once and passed in; imports nothing of ours."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """How this process runs; every field is an environment variable DIACHISO_NAME."""

    model_config = SettingsConfigDict(env_prefix="DIACHISO_", frozen=True)

    host: str = Field("127.0.0.1", description="address the service listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the service listens on")
    database_url: str | None = Field(
        None, description="a PostGIS of your own; unset: the private cluster in `home`"
    )
    home: Path = Field(
        CHECKOUT / ".diachiso", description="the private cluster and fetched packages"
    )
    facts: Path = Field(CHECKOUT / "data", description="facts under version control")
    data: Path | None = Field(
        None, description="a folder with boundaries, streets and places to load as well"
    )
    compiled: str | None = Field(
        None,
        description="the folder of the geocoder's compiled modules; unset: where `make compiled` "
        "puts them; 0: none, the source runs",
    )
    province: str = Field("01", description="statistics code of the pilot's province")
    webhook_hosts: str = Field(
        "", description="hosts or networks that webhooks may reach though they are not public"
    )
    oidc_issuer: str | None = Field(
        None, description="the provider of OpenID Connect that officials sign in with"
    )
    oidc_client_id: str | None = Field(
        None, description="how this service is called at the provider"
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="what the provider knows this service by"
    )
    public_quota: str | None = Field(
        None,
        pattern=r"^[1-9]\d*/(second|minute|hour|day)$",
        description="how often one address may ask without a key, as 100/minute; unset: no limit",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="where everybody reaches the service, as https://diachiso.example: the QR "
        "codes of plates then open its page /verify",
    )
    seal: Path | None = Field(
        None, description="a PKCS#12 file that certificates are sealed with; unset: one of ours"
    )
    seal_password: SecretStr | None = Field(None, description="the password of that file")
    report_quota: str | None = Field(
        "20/hour",
        pattern=r"^$|^[1-9][0-9]*/(second|minute|hour|day)$",
        description="how many reports one network may send without an account; empty: no limit",
    )
    personal_key: SecretStr | None = Field(
        None,
        description="what seals personal data: 32 bytes in base64; unset: a file in `home`",
    )
    contact_days: int = Field(
        365, ge=1, le=730, description="after how many days a contact is purged if nothing is said"
    )
    intake_megabytes: int = Field(
        200, ge=1, le=10_000, description="how large a file may be that is sent in to be taken in"
    )
    intake_days: int = Field(
        30, ge=1, le=730, description="after how many days a file that was sent in is taken away"
    )
    basemap: str | None = Field(
        None,
        pattern=r"^https?://[^\s;,'\"]+$",
        description="a map to draw under ours: the URL of a MapLibre style, or of raster tiles "
        "with {z}, {x} and {y}; unset: none is fetched",
    )
    basemap_credit: str = Field("", description="whose basemap it is, as shown on the page")
    basemap_hosts: str = Field(
        "",
        pattern=r"^(https://[\w.\-*:]+)?( https://[\w.\-*:]+)*$",
        description="other hosts that the basemap's style fetches from, as https://a https://b",
    )
    tile_memory_mb: int = Field(
        64, ge=0, le=16_384, description="MB of map tiles that are kept in memory, packed"
    )
