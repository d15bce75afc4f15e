/* SPDX-License-Identifier: Apache-2.0 */

/* Countries by their codes and names: ISO 3166-1 alpha-2 and alpha-3, then names divided by '|', the first as iso3166.tab of the IANA
 * time zone database (public domain) has it; behind it what shops' exports write. Sorted by code. Private to cases/nation.c. To add a
 * name: behind the others of its row. */
#define NATIONS(X) \
        X("ad", "and", "Andorra") \
        X("ae", "are", "United Arab Emirates|UAE") \
        X("af", "afg", "Afghanistan") \
        X("ag", "atg", "Antigua & Barbuda|Antigua and Barbuda") \
        X("ai", "aia", "Anguilla") \
        X("al", "alb", "Albania") \
        X("am", "arm", "Armenia") \
        X("ao", "ago", "Angola") \
        X("aq", "ata", "Antarctica") \
        X("ar", "arg", "Argentina") \
        X("as", "asm", "Samoa (American)") \
        X("at", "aut", "Austria|Österreich") \
        X("au", "aus", "Australia|Commonwealth of Australia") \
        X("aw", "abw", "Aruba") \
        X("ax", "ala", "Åland Islands|Aland Islands") \
        X("az", "aze", "Azerbaijan") \
        X("ba", "bih", "Bosnia & Herzegovina|Bosnia and Herzegovina") \
        X("bb", "brb", "Barbados") \
        X("bd", "bgd", "Bangladesh") \
        X("be", "bel", "Belgium|België|Belgique") \
        X("bf", "bfa", "Burkina Faso") \
        X("bg", "bgr", "Bulgaria|България") \
        X("bh", "bhr", "Bahrain") \
        X("bi", "bdi", "Burundi") \
        X("bj", "ben", "Benin") \
        X("bl", "blm", "St Barthelemy|Saint Barthélemy") \
        X("bm", "bmu", "Bermuda") \
        X("bn", "brn", "Brunei|Brunei Darussalam") \
        X("bo", "bol", "Bolivia|Bolivia, Plurinational State of") \
        X("bq", "bes", "Caribbean NL") \
        X("br", "bra", "Brazil|Brasil") \
        X("bs", "bhs", "Bahamas") \
        X("bt", "btn", "Bhutan") \
        X("bv", "bvt", "Bouvet Island") \
        X("bw", "bwa", "Botswana") \
        X("by", "blr", "Belarus") \
        X("bz", "blz", "Belize") \
        X("ca", "can", "Canada|Kanada") \
        X("cc", "cck", "Cocos (Keeling) Islands|Cocos") \
        X("cd", "cod", "Congo (Dem. Rep.)|Congo, The Democratic Republic of the|DR Congo") \
        X("cf", "caf", "Central African Rep.") \
        X("cg", "cog", "Congo (Rep.)|Republic of the Congo|Congo") \
        X("ch", "che", "Switzerland|Schweiz|Suisse|Svizzera") \
        X("ci", "civ", "Côte d'Ivoire|Ivory Coast") \
        X("ck", "cok", "Cook Islands") \
        X("cl", "chl", "Chile") \
        X("cm", "cmr", "Cameroon") \
        X("cn", "chn", "China|People's Republic of China|PR China|Mainland China|中国|中國|중국") \
        X("co", "col", "Colombia") \
        X("cr", "cri", "Costa Rica") \
        X("cu", "cub", "Cuba") \
        X("cv", "cpv", "Cape Verde|Cabo Verde") \
        X("cw", "cuw", "Curaçao") \
        X("cx", "cxr", "Christmas Island") \
        X("cy", "cyp", "Cyprus") \
        X("cz", "cze", "Czech Republic|Czechia|Česko") \
        X("de", "deu", "Germany|Deutschland|Federal Republic of Germany") \
        X("dj", "dji", "Djibouti") \
        X("dk", "dnk", "Denmark|Danmark") \
        X("dm", "dma", "Dominica") \
        X("do", "dom", "Dominican Republic") \
        X("dz", "dza", "Algeria") \
        X("ec", "ecu", "Ecuador") \
        X("ee", "est", "Estonia|Eesti") \
        X("eg", "egy", "Egypt|مصر") \
        X("eh", "esh", "Western Sahara") \
        X("er", "eri", "Eritrea") \
        X("es", "esp", "Spain|España") \
        X("et", "eth", "Ethiopia") \
        X("fi", "fin", "Finland|Suomi") \
        X("fj", "fji", "Fiji") \
        X("fk", "flk", "Falkland Islands") \
        X("fm", "fsm", "Micronesia|Micronesia, Federated States of") \
        X("fo", "fro", "Faroe Islands") \
        X("fr", "fra", "France|République française") \
        X("ga", "gab", "Gabon") \
        X("gb", "gbr", "Britain (UK)|United Kingdom|Great Britain|UK|England|Scotland|Wales|Northern Ireland") \
        X("gd", "grd", "Grenada") \
        X("ge", "geo", "Georgia") \
        X("gf", "guf", "French Guiana") \
        X("gg", "ggy", "Guernsey") \
        X("gh", "gha", "Ghana") \
        X("gi", "gib", "Gibraltar") \
        X("gl", "grl", "Greenland") \
        X("gm", "gmb", "Gambia") \
        X("gn", "gin", "Guinea") \
        X("gp", "glp", "Guadeloupe") \
        X("gq", "gnq", "Equatorial Guinea") \
        X("gr", "grc", "Greece|Ελλάδα") \
        X("gs", "sgs", "South Georgia & the South Sandwich Islands|South Georgia and the South Sandwich Islands") \
        X("gt", "gtm", "Guatemala") \
        X("gu", "gum", "Guam") \
        X("gw", "gnb", "Guinea-Bissau") \
        X("gy", "guy", "Guyana") \
        X("hk", "hkg", "Hong Kong|Hong Kong SAR|Hong Kong SAR China|香港") \
        X("hm", "hmd", "Heard Island & McDonald Islands|Heard Island and McDonald Islands") \
        X("hn", "hnd", "Honduras") \
        X("hr", "hrv", "Croatia|Hrvatska") \
        X("ht", "hti", "Haiti") \
        X("hu", "hun", "Hungary|Magyarország") \
        X("id", "idn", "Indonesia|Republic of Indonesia") \
        X("ie", "irl", "Ireland|Éire|Republic of Ireland") \
        X("il", "isr", "Israel|ישראל") \
        X("im", "imn", "Isle of Man") \
        X("in", "ind", "India|Bharat|भारत") \
        X("io", "iot", "British Indian Ocean Territory") \
        X("iq", "irq", "Iraq") \
        X("ir", "irn", "Iran|Iran, Islamic Republic of") \
        X("is", "isl", "Iceland") \
        X("it", "ita", "Italy|Italia") \
        X("je", "jey", "Jersey") \
        X("jm", "jam", "Jamaica") \
        X("jo", "jor", "Jordan") \
        X("jp", "jpn", "Japan|日本|일본|Nippon") \
        X("ke", "ken", "Kenya") \
        X("kg", "kgz", "Kyrgyzstan") \
        X("kh", "khm", "Cambodia|Kâmpŭchéa") \
        X("ki", "kir", "Kiribati") \
        X("km", "com", "Comoros") \
        X("kn", "kna", "St Kitts & Nevis|St Kitts and Nevis") \
        X("kp", "prk", "Korea (North)|Korea, Democratic People's Republic of") \
        X("kr", "kor", "Korea (South)|South Korea|Korea, Republic of|Republic of Korea|Korea|대한민국|한국") \
        X("kw", "kwt", "Kuwait") \
        X("ky", "cym", "Cayman Islands") \
        X("kz", "kaz", "Kazakhstan") \
        X("la", "lao", "Laos|Lao People's Democratic Republic") \
        X("lb", "lbn", "Lebanon") \
        X("lc", "lca", "St Lucia") \
        X("li", "lie", "Liechtenstein") \
        X("lk", "lka", "Sri Lanka|Ceylon") \
        X("lr", "lbr", "Liberia") \
        X("ls", "lso", "Lesotho") \
        X("lt", "ltu", "Lithuania|Lietuva") \
        X("lu", "lux", "Luxembourg|Luxemburg") \
        X("lv", "lva", "Latvia|Latvija") \
        X("ly", "lby", "Libya") \
        X("ma", "mar", "Morocco") \
        X("mc", "mco", "Monaco") \
        X("md", "mda", "Moldova|Moldova, Republic of") \
        X("me", "mne", "Montenegro") \
        X("mf", "maf", "St Martin (French)|Saint Martin") \
        X("mg", "mdg", "Madagascar") \
        X("mh", "mhl", "Marshall Islands") \
        X("mk", "mkd", "North Macedonia|Macedonia") \
        X("ml", "mli", "Mali") \
        X("mm", "mmr", "Myanmar (Burma)|Myanmar|Burma") \
        X("mn", "mng", "Mongolia") \
        X("mo", "mac", "Macau|Macao|Macao SAR|Macao SAR China|澳门|澳門") \
        X("mp", "mnp", "Northern Mariana Islands") \
        X("mq", "mtq", "Martinique") \
        X("mr", "mrt", "Mauritania") \
        X("ms", "msr", "Montserrat") \
        X("mt", "mlt", "Malta") \
        X("mu", "mus", "Mauritius") \
        X("mv", "mdv", "Maldives") \
        X("mw", "mwi", "Malawi") \
        X("mx", "mex", "Mexico|México") \
        X("my", "mys", "Malaysia|马来西亚|馬來西亞") \
        X("mz", "moz", "Mozambique") \
        X("na", "nam", "Namibia") \
        X("nc", "ncl", "New Caledonia") \
        X("ne", "ner", "Niger") \
        X("nf", "nfk", "Norfolk Island") \
        X("ng", "nga", "Nigeria") \
        X("ni", "nic", "Nicaragua") \
        X("nl", "nld", "Netherlands|The Netherlands|Nederland|Holland") \
        X("no", "nor", "Norway|Norge") \
        X("np", "npl", "Nepal") \
        X("nr", "nru", "Nauru") \
        X("nu", "niu", "Niue") \
        X("nz", "nzl", "New Zealand|Aotearoa") \
        X("om", "omn", "Oman") \
        X("pa", "pan", "Panama") \
        X("pe", "per", "Peru") \
        X("pf", "pyf", "French Polynesia") \
        X("pg", "png", "Papua New Guinea") \
        X("ph", "phl", "Philippines|The Philippines|Pilipinas") \
        X("pk", "pak", "Pakistan") \
        X("pl", "pol", "Poland|Polska") \
        X("pm", "spm", "St Pierre & Miquelon|St Pierre and Miquelon") \
        X("pn", "pcn", "Pitcairn") \
        X("pr", "pri", "Puerto Rico") \
        X("ps", "pse", "Palestine|Palestine, State of") \
        X("pt", "prt", "Portugal") \
        X("pw", "plw", "Palau") \
        X("py", "pry", "Paraguay") \
        X("qa", "qat", "Qatar") \
        X("re", "reu", "Réunion") \
        X("ro", "rou", "Romania|România") \
        X("rs", "srb", "Serbia") \
        X("ru", "rus", "Russia|Russian Federation|Россия") \
        X("rw", "rwa", "Rwanda") \
        X("sa", "sau", "Saudi Arabia|KSA|السعودية") \
        X("sb", "slb", "Solomon Islands") \
        X("sc", "syc", "Seychelles") \
        X("sd", "sdn", "Sudan") \
        X("se", "swe", "Sweden|Sverige") \
        X("sg", "sgp", "Singapore|Republic of Singapore|新加坡|Singapura") \
        X("sh", "shn", "St Helena") \
        X("si", "svn", "Slovenia|Slovenija") \
        X("sj", "sjm", "Svalbard & Jan Mayen|Svalbard and Jan Mayen") \
        X("sk", "svk", "Slovakia|Slovensko") \
        X("sl", "sle", "Sierra Leone") \
        X("sm", "smr", "San Marino") \
        X("sn", "sen", "Senegal") \
        X("so", "som", "Somalia") \
        X("sr", "sur", "Suriname") \
        X("ss", "ssd", "South Sudan") \
        X("st", "stp", "Sao Tome & Principe|Sao Tome and Principe") \
        X("sv", "slv", "El Salvador") \
        X("sx", "sxm", "St Maarten (Dutch)|Sint Maarten") \
        X("sy", "syr", "Syria|Syrian Arab Republic") \
        X("sz", "swz", "Eswatini (Swaziland)|Eswatini|Swaziland") \
        X("tc", "tca", "Turks & Caicos Is|Turks and Caicos Is") \
        X("td", "tcd", "Chad") \
        X("tf", "atf", "French S. Terr.") \
        X("tg", "tgo", "Togo") \
        X("th", "tha", "Thailand|ประเทศไทย|ไทย") \
        X("tj", "tjk", "Tajikistan") \
        X("tk", "tkl", "Tokelau") \
        X("tl", "tls", "East Timor|Timor-Leste") \
        X("tm", "tkm", "Turkmenistan") \
        X("tn", "tun", "Tunisia") \
        X("to", "ton", "Tonga") \
        X("tr", "tur", "Turkey|Türkiye|Turkiye") \
        X("tt", "tto", "Trinidad & Tobago|Trinidad and Tobago") \
        X("tv", "tuv", "Tuvalu") \
        X("tw", "twn", "Taiwan|Taiwan, Province of China|Taiwan (Province of China)|台灣|台湾|臺灣") \
        X("tz", "tza", "Tanzania|Tanzania, United Republic of") \
        X("ua", "ukr", "Ukraine|Україна") \
        X("ug", "uga", "Uganda") \
        X("um", "umi", "US minor outlying islands") \
        X("us", "usa", "United States|United States of America|USA|U.S.|U.S.A.|미국|美国|アメリカ合衆国|アメリカ") \
        X("uy", "ury", "Uruguay") \
        X("uz", "uzb", "Uzbekistan") \
        X("va", "vat", "Vatican City|Holy See|Vatican") \
        X("vc", "vct", "St Vincent") \
        X("ve", "ven", "Venezuela|Venezuela, Bolivarian Republic of") \
        X("vg", "vgb", "Virgin Islands (UK)|British Virgin Islands|Virgin Islands, British") \
        X("vi", "vir", "Virgin Islands (US)|US Virgin Islands|Virgin Islands, U.S.") \
        X("vn", "vnm", "Vietnam|Viet Nam|Việt Nam") \
        X("vu", "vut", "Vanuatu") \
        X("wf", "wlf", "Wallis & Futuna|Wallis and Futuna") \
        X("ws", "wsm", "Samoa (western)|Samoa") \
        X("xk", "xkx", "Kosovo") \
        X("ye", "yem", "Yemen") \
        X("yt", "myt", "Mayotte") \
        X("za", "zaf", "South Africa|Suid-Afrika") \
        X("zm", "zmb", "Zambia") \
        X("zw", "zwe", "Zimbabwe")
