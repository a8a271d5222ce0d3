"""One frozen Settings, read from DIACHISO_* once and passed in; imports nothing of ours."""

from pathlib import Path

from pydantic import Field
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
    province: str = Field("01", description="statistics code of the pilot's province")
