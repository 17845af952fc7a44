namespace SatNode.Orbit.Elements;

/// <summary>The keywords of a message that matter to SGP4; all others are passed over.</summary>
internal enum OmmKeyword
{
    ObjectName,
    ObjectId,
    CenterName,
    RefFrame,
    TimeSystem,
    MeanElementTheory,
    Epoch,
    MeanMotion,
    Eccentricity,
    Inclination,
    RaOfAscNode,
    ArgOfPericenter,
    MeanAnomaly,
    EphemerisType,
    ClassificationType,
    NoradCatId,
    ElementSetNo,
    RevAtEpoch,
    BStar,
    MeanMotionDot,
    MeanMotionDDot,
}

/// <summary>How the keywords are written and in which unit their values are. Source: CCSDS 502.0-B-3, tables 4-2 and 4-3.</summary>
internal static class OmmKeywords
{
    private static readonly (string Name, string Unit)[] All =
    [
        ("OBJECT_NAME", ""), ("OBJECT_ID", ""), ("CENTER_NAME", ""), ("REF_FRAME", ""), ("TIME_SYSTEM", ""), ("MEAN_ELEMENT_THEORY", ""), ("EPOCH", ""),
        ("MEAN_MOTION", "rev/day"), ("ECCENTRICITY", ""), ("INCLINATION", "deg"), ("RA_OF_ASC_NODE", "deg"), ("ARG_OF_PERICENTER", "deg"), ("MEAN_ANOMALY", "deg"),
        ("EPHEMERIS_TYPE", ""), ("CLASSIFICATION_TYPE", ""), ("NORAD_CAT_ID", ""), ("ELEMENT_SET_NO", ""), ("REV_AT_EPOCH", ""),
        ("BSTAR", "1/ER"), ("MEAN_MOTION_DOT", "rev/day**2"), ("MEAN_MOTION_DDOT", "rev/day**3"),
    ];

    internal static int Count => All.Length;

    internal static string NameOf(OmmKeyword keyword) => All[(int)keyword].Name;

    internal static string UnitOf(OmmKeyword keyword) => All[(int)keyword].Unit;

    internal static bool TryFind(ReadOnlySpan<char> name, out OmmKeyword keyword)
    {
        for (int i = 0; i < All.Length; i++)
        {
            if (name.SequenceEqual(All[i].Name))
            {
                keyword = (OmmKeyword)i;
                return true;
            }
        }

        keyword = default;
        return false;
    }
}
