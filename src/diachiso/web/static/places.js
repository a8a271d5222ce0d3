// The service's features, whichever endpoint they come from, as places of one shape.

/** An answer of the geocoder. */
export function fromGeocoder(feature) {
  const told = feature.properties;
  return {
    ...common(feature),
    level: told.coordinate_level ?? told.match_level,
    confidence: told.confidence,
    errorM: told.expected_error_m,
    faults: told.faults,
    components: told.components ?? [],
    former: formerOf(told.former),
    question: told.next_action,
  };
}

/** A recorded address, or the ward at a point. */
export function fromRegistry(feature) {
  const told = feature.properties;
  return {
    ...common(feature),
    level: told.match_level ?? "house",
    errorM: told.accuracy_m ?? null,
    faults: [],
    components: [],
    former: told.former,
    distanceM: told.code ? told.distance_m : null,
    isHere: !told.code,
    state: told.state,
    positionKind: told.position_kind,
    vpostcode: told.vpostcode,
    attribution: [told.attribution, told.licence].filter(Boolean).join(", "),
  };
}

/** What the geocoder found, told as fully as the registry knows it. */
export function joined(answer, address) {
  const known = fromRegistry(address);
  return { ...known, ...answer, former: known.former ?? answer.former, ward: known.ward };
}

function common(feature) {
  const told = feature.properties;
  const [lon, lat] = feature.geometry?.coordinates ?? [];
  return {
    code: told.code,
    codePrinted: told.code_printed ?? null,
    label: told.label,
    lon,
    lat,
    ward: told.ward,
  };
}

/** The smallest former unit that the text names, with those above it. */
function formerOf(former) {
  if (!former?.ward && !former?.district) return null;
  const { ward, district, province } = former;
  const smallest = ward ?? district;
  return { ...smallest, district: ward ? district : null, province };
}
