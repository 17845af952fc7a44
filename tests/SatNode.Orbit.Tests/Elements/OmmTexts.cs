using System.Globalization;
using System.Text;
using SatNode.Orbit.Elements;

namespace SatNode.Orbit.Tests.Elements;

/// <summary>Writes element sets as messages, in the spelling of CelesTrak.</summary>
internal static class OmmTexts
{
    internal const string Iss = """
        [{
            "OBJECT_NAME": "ISS (ZARYA)",
            "OBJECT_ID": "1998-067A",
            "EPOCH": "2024-10-21T11:09:38.256672",
            "MEAN_MOTION": 15.50121033,
            "ECCENTRICITY": 0.0008906,
            "INCLINATION": 51.6402,
            "RA_OF_ASC_NODE": 71.9117,
            "ARG_OF_PERICENTER": 76.7523,
            "MEAN_ANOMALY": 46.9218,
            "EPHEMERIS_TYPE": 0,
            "CLASSIFICATION_TYPE": "U",
            "NORAD_CAT_ID": 25544,
            "ELEMENT_SET_NO": 999,
            "REV_AT_EPOCH": 47811,
            "BSTAR": 0.00039277,
            "MEAN_MOTION_DOT": 0.00022283,
            "MEAN_MOTION_DDOT": 0
        }]
        """;

    internal static (string Keyword, string Value, string Unit)[] Fields(Tle tle) =>
    [
        ("OBJECT_NAME", tle.Name, ""),
        ("OBJECT_ID", $"20{tle.InternationalDesignator[..2]}-{tle.InternationalDesignator[2..]}", ""),
        ("EPOCH", tle.Epoch.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture), ""),
        ("MEAN_MOTION", Text(tle.MeanMotionRevolutionsPerDay), "rev/day"),
        ("ECCENTRICITY", Text(tle.Eccentricity), ""),
        ("INCLINATION", Text(tle.InclinationDegrees), "deg"),
        ("RA_OF_ASC_NODE", Text(tle.RaanDegrees), "deg"),
        ("ARG_OF_PERICENTER", Text(tle.ArgumentOfPerigeeDegrees), "deg"),
        ("MEAN_ANOMALY", Text(tle.MeanAnomalyDegrees), "deg"),
        ("EPHEMERIS_TYPE", Text(tle.EphemerisType), ""),
        ("CLASSIFICATION_TYPE", $"{tle.Classification}", ""),
        ("NORAD_CAT_ID", Text(tle.CatalogNumber), ""),
        ("ELEMENT_SET_NO", Text(tle.ElementSetNumber), ""),
        ("REV_AT_EPOCH", Text(tle.RevolutionNumber), ""),
        ("BSTAR", Text(tle.BStar), "1/ER"),
        ("MEAN_MOTION_DOT", Text(tle.MeanMotionDot), "rev/day**2"),
        ("MEAN_MOTION_DDOT", Text(tle.MeanMotionDotDot), "rev/day**3"),
    ];

    internal static string Json(IEnumerable<Tle> all) =>
        $"[{string.Join(",\n", all.Select(tle => $"{{{string.Join(",", Fields(tle).Select(f => $"\"{f.Keyword}\":{(char.IsAsciiDigit(f.Value[^1]) && f.Keyword is not ("EPOCH" or "OBJECT_NAME") ? f.Value : $"\"{f.Value}\"")}"))}}}"))}]";

    internal static string Csv(IEnumerable<Tle> all) =>
        string.Join("\r\n", all.Select(tle => string.Join(",", Fields(tle).Select(f => f.Keyword is "OBJECT_NAME" ? $"\"{f.Value}\"" : f.Value))).Prepend(string.Join(",", Fields(all.First()).Select(f => f.Keyword))));

    internal static string Kvn(IEnumerable<Tle> all)
    {
        var text = new StringBuilder();
        foreach (Tle tle in all)
        {
            text.Append("CCSDS_OMM_VERS = 2.0\nCOMMENT GENERATED\nCREATION_DATE = 2024-10-21T00:00:00\nORIGINATOR = TEST\n\n");
            text.Append("CENTER_NAME = EARTH\nREF_FRAME = TEME\nTIME_SYSTEM = UTC\nMEAN_ELEMENT_THEORY = SGP4\n");
            foreach ((string keyword, string value, string unit) in Fields(tle))
                text.Append(CultureInfo.InvariantCulture, $"{keyword,-20} = {value}{(unit.Length > 0 ? $" [{unit}]" : "")}\n");
        }

        return text.ToString();
    }

    internal static string Xml(IEnumerable<Tle> all)
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ndm xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
        foreach (Tle tle in all)
        {
            text.Append("<omm id=\"CCSDS_OMM_VERS\" version=\"2.0\"><header><CREATION_DATE/><ORIGINATOR/></header><body><segment><metadata>");
            foreach ((string keyword, string value, string unit) in Fields(tle))
            {
                if (keyword == "EPOCH")
                    text.Append("<CENTER_NAME>EARTH</CENTER_NAME><REF_FRAME>TEME</REF_FRAME><TIME_SYSTEM>UTC</TIME_SYSTEM><MEAN_ELEMENT_THEORY>SGP4</MEAN_ELEMENT_THEORY></metadata><data><meanElements>");
                text.Append(CultureInfo.InvariantCulture, $"<{keyword}{(unit.Length > 0 ? $" units=\"{unit}\"" : "")}>{value}</{keyword}>");
                if (keyword == "MEAN_ANOMALY")
                    text.Append("</meanElements><tleParameters>");
            }

            text.Append("</tleParameters></data></segment></body></omm>\n");
        }

        return text.Append("</ndm>\n").ToString();
    }

    internal static string Write(ElementFormat format, IEnumerable<Tle> all) => format switch
    {
        ElementFormat.OmmJson => Json(all),
        ElementFormat.OmmCsv => Csv(all),
        ElementFormat.OmmKvn => Kvn(all),
        ElementFormat.OmmXml => Xml(all),
        _ => string.Concat(all.Select(tle => tle.ToText())),
    };

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
